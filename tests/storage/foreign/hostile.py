"""Files that mean harm, made byte by byte: name to bytes. Read by tests and by the fuzzer."""

import io
import struct
import zipfile
from collections.abc import Iterator

MAGIC = 0x1950A86A20F9469CFC6C
# What attackers call, and with what; none of it may ever be looked up.
_NAMES = """
os.system posix.system nt.system os.popen os.remove os.execv subprocess.Popen subprocess.call
subprocess.check_output builtins.eval builtins.exec builtins.compile builtins.__import__
builtins.getattr builtins.setattr builtins.open builtins.globals builtins.type builtins.map
__builtin__.eval importlib.import_module importlib.__import__ runpy.run_path runpy._run_code
pickle.loads pickle.Unpickler _pickle.loads dill.loads cloudpickle.loads marshal.loads
torch.load torch.serialization.load torch.jit.load torch.hub.load torch.package.PackageImporter
numpy.load joblib.load shutil.rmtree pathlib.Path.write_text socket.create_connection
webbrowser.open types.FunctionType types.CodeType functools.partial operator.attrgetter
operator.methodcaller copyreg._reconstructor copyreg.__newobj__ copy_reg._reconstructor
ctypes.CDLL timeit.timeit pdb.run cProfile.run code.interact pip.main distutils.spawn.spawn
http.server.test dnnlib.util.call_func_by_name dnnlib.util.open_url
torch_utils.persistence._src_to_module torch_utils.persistence.import_hook
training.networks.Generator numpy.testing.rundocs torch.utils.collect_env.run
torch._inductor.codecache.compile_file
"""
CALLS = _NAMES.split()


def text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def blob(value: bytes) -> bytes:
    return b"B" + struct.pack("<I", len(value)) + value


def number(value: int) -> bytes:
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def named(name: str, form: str = "global") -> bytes:
    """A name as GLOBAL or STACK_GLOBAL writes it."""
    module, attribute = name.rsplit(".", 1)
    if form == "stack":
        return text(module) + text(attribute) + b"\x93"
    return f"c{module}\n{attribute}\n".encode()


def call(name: str, *arguments: bytes, form: str = "global") -> bytes:
    return named(name, form) + b"(" + b"".join(arguments) + b"tR"


def pickled(body: bytes) -> bytes:
    return b"\x80\x02" + body + b"."


def state(**items: bytes) -> bytes:
    return b"}(" + b"".join(text(name) + value for name, value in items.items()) + b"u"


def stream(value: bytes, keys: bytes, data: bytes, *, little: bytes = b"\x88") -> bytes:
    """torch's old format around a value."""
    facts = state(protocol_version=number(1001), little_endian=little, type_sizes=b"}")
    parts = (number(MAGIC), number(1001), facts, value, keys)
    return b"".join(pickled(part) for part in parts) + data


def storage(count: int, kind: str = "torch.FloatStorage", key: str = "0") -> bytes:
    inner = text("storage") + named(kind) + text(key) + text("cpu") + number(count) + b"N"
    return b"(" + inner + b"tQ"


def floats(count: int) -> bytes:
    """A storage of so many floats as NVIDIA's pickles hold it."""
    return stream(
        storage(count), b"](" + text("0") + b"e", struct.pack("<Q", count) + bytes(4 * count)
    )


def tensor(shape: bytes, stride: bytes, offset: bytes = b"K\x00", data: bytes = b"") -> bytes:
    loaded = call("torch.storage._load_from_bytes", blob(data or floats(4)))
    empty = call("collections.OrderedDict")
    return call("torch._utils._rebuild_tensor_v2", loaded, offset, shape, stride, b"\x89", empty)


def network(**attributes: bytes) -> bytes:
    meta = state(
        type=text("class"),
        version=b"K\x06",
        module_src=text("import os; os.system('touch ran')"),
        class_name=text("Generator"),
        state=state(**attributes),
    )
    return call("torch_utils.persistence._reconstruct_persistent_obj", meta)


def torch_zip(entries: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return file.getvalue()


def corpus() -> Iterator[tuple[str, bytes]]:
    """Everything; the names are unique."""
    for index, name in enumerate(CALLS):
        form = "stack" if index % 2 else "global"
        yield f"call {name}", pickled(call(name, text("touch ran"), form=form))
    yield from _indirect()
    yield from _states()
    yield from _tensors()
    yield from _bombs()
    yield from _containers()
    yield from _networks()


def _indirect() -> Iterator[tuple[str, bytes]]:
    run = call("os.system", text("touch ran"))
    lookup = call("builtins.getattr", named("os.path"), text("system"))
    yield "getattr chain", pickled(lookup + b"(" + text("touch ran") + b"tR")
    yield "dotted name", pickled(text("torch") + text("storage.os.system") + b"\x93.")
    yield "dotted module", pickled(call("torch._utils.os.system", text("touch ran")))
    yield "name with a line end", pickled(text("os\nsystem") + text("system") + b"\x93")
    yield "name of bytes", pickled(blob(b"os") + blob(b"system") + b"\x93")
    yield "inst", b"(" + text("touch ran") + b"ios\nsystem\n."
    yield "obj", b"(" + named("os.system") + text("touch ran") + b"o."
    yield "newobj", pickled(named("subprocess.Popen") + b"(" + text("touch ran") + b"t\x81")
    yield "newobj ex", pickled(named("argparse.Namespace") + b")" + state(a=run) + b"\x92")
    yield "protocol 0", b"cos\nsystem\n(S'touch ran'\ntR."
    yield "extension", b"\x80\x02\x82\x01."
    yield "next buffer", b"\x80\x05\x97."
    yield "persistent text", b"\x80\x02Pos.system\n."
    yield "persistent call", pickled(run + b"Q")
    yield "in a dictionary", pickled(state(G_ema=run))
    yield "as a key", pickled(b"}" + named("os.system") + b"Ns")
    yield "behind a popped value", pickled(run + b"0N")
    yield "twice named", pickled(call("torch_utils.persistence.os.system"))
    nested = pickled(run)
    load = "torch.storage._load_from_bytes"
    yield "nested pickle", pickled(call(load, blob(nested)))
    yield "nested in a stream", pickled(call(load, blob(stream(run, b"]", b""))))
    yield "nested in the key list", pickled(call(load, blob(stream(storage(0), run, b""))))
    yield (
        "nested stream in a stream",
        pickled(call(load, blob(stream(call(load, blob(floats(1))), b"]", b"")))),
    )
    yield "nested persistent object", pickled(call(load, blob(stream(network(), b"]", b""))))
    yield "nested torch.load", pickled(call(load, blob(torch_zip({"a/data.pkl": nested}))))


def _states() -> Iterator[tuple[str, bytes]]:
    bag = named("argparse.Namespace") + b")\x81"
    yield "setstate of a function", pickled(named("torch._utils._rebuild_tensor_v2") + b"}b")
    yield "setstate on a tuple", pickled(b"N\x85}b")
    yield "state of slots", pickled(bag + b"N" + state(a=b"N") + b"\x86b")
    yield "state that calls", pickled(bag + state(__setstate__=named("os.system")) + b"b")
    yield "class attribute", pickled(bag + state(__class__=named("builtins.type")) + b"b")
    yield (
        "reduce in the state",
        pickled(bag + state(__reduce__=call("builtins.eval", text("1"))) + b"b"),
    )
    yield "arguments to a bag", pickled(call("argparse.Namespace", text("os")))
    yield (
        "persistent without a dictionary",
        pickled(call("torch_utils.persistence._reconstruct_persistent_obj", text("os"))),
    )
    yield (
        "persistent of another type",
        pickled(
            call(
                "torch_utils.persistence._reconstruct_persistent_obj",
                state(type=text("function"), class_name=text("x"), state=b"}"),
            )
        ),
    )
    yield "dtype of objects", pickled(call("numpy.dtype", text("O8"), b"\x89", b"\x88"))
    yield "dtype of text", pickled(call("numpy.dtype", text("U9"), b"\x89", b"\x88"))
    yield (
        "array of a list",
        pickled(
            call(
                "numpy.core.multiarray._reconstruct",
                named("builtins.list"),
                b"K\x00\x85",
                blob(b"b"),
            )
        ),
    )


def _tensors() -> Iterator[tuple[str, bytes]]:
    one, huge = b"K\x04\x85", number(1 << 60) + b"\x85"
    cases = {
        "stride beyond": (one, b"K\x09\x85", b"K\x00"),
        "offset beyond": (one, b"K\x01\x85", b"K\x01"),
        "huge offset": (one, b"K\x01\x85", number(1 << 62)),
        "negative offset": (one, b"K\x01\x85", number(-4)),
        "negative stride": (one, number(-1) + b"\x85", b"K\x03"),
        "negative size": (number(-1) + b"\x85", b"K\x01\x85", b"K\x00"),
        "huge size": (huge, b"K\x01\x85", b"K\x00"),
        "huge size without stride": (huge, b"K\x00\x85", b"K\x00"),
        "sizes that overflow": (
            number(1 << 40) + number(1 << 40) + b"\x86",
            b"K\x00K\x00\x86",
            b"K\x00",
        ),
        "more sizes than strides": (b"K\x02K\x02\x86", b"K\x01\x85", b"K\x00"),
        "many axes": (b"(" + b"K\x01" * 40 + b"t", b"(" + b"K\x01" * 40 + b"t", b"K\x00"),
        "size of a text": (text("4"), b"K\x01\x85", b"K\x00"),
        "size of a float": (b"G" + bytes(8) + b"\x85", b"K\x01\x85", b"K\x00"),
    }
    for name, (shape, stride, offset) in cases.items():
        yield name, pickled(state(G=tensor(shape, stride, offset)))
    key, eight = b"](" + text("0") + b"e", struct.pack("<Q", 8)
    streams = {
        "count that is larger": stream(storage(1 << 40), key, struct.pack("<Q", 1 << 40)),
        "count that differs": stream(storage(4), key, eight + bytes(32)),
        "negative count": stream(storage(-8), key, eight + bytes(32)),
        "bytes left over": floats(4) + b"more",
        "data missing": floats(4)[:-3],
        "other keys": stream(storage(4), b"](" + text("1") + b"e", eight),
        "big endian": stream(storage(1), key, eight, little=b"\x89"),
        "unknown storage": stream(storage(8, "torch.storage.UntypedStorage2"), key, eight),
        "storage of a class": stream(storage(8, "collections.OrderedDict"), key, eight),
        "no storage": stream(b"K\x01", b"]", b""),
    }
    for name, data in streams.items():
        yield name, pickled(state(G=tensor(one, b"K\x01\x85", data=data)))


def _bombs() -> Iterator[tuple[str, bytes]]:
    yield "laughing lists", pickled(b"]q\x00" + b"](h\x00h\x00eq\x00" * 64)
    yield "laughing tuples", pickled(b")" + b"2\x86" * 200)
    yield "laughing tuples as a key", pickled(b"}" + b")" + b"2\x86" * 200 + b"Ns")
    yield "laughing tuples in a set", pickled(b"\x8f(" + b")" + b"2\x86" * 200 + b"\x90")
    yield "laughing tuples as a name", pickled(b")" + b"2\x86" * 200 + text("a") + b"\x93")
    yield "laughing dictionaries", pickled(b"}q\x00" + b"}(K\x01h\x00K\x02h\x00uq\x00" * 64)
    yield (
        "laughing networks",
        pickled(state(_=b"N") + b"q\x00" + b"".join(_twice() for _ in range(40))),
    )
    yield "deep lists", b"\x80\x02" + b"]" * 200_000 + b"a" * 199_999 + b"."
    yield "deep tuples", pickled(b")" + b"\x85" * 200_000)
    yield (
        "memo bomb",
        pickled(b"N" + b"".join(b"r" + struct.pack("<I", i << 8) for i in range(200_000))),
    )
    yield "endless steps", pickled(b"N0" * 600_000 + b"N")
    yield "endless values", pickled(b"(" + b"K\x01" * 600_000 + b"l")
    yield "endless dictionaries", pickled(b"(" + b"}" * 600_000 + b"l")
    long = b"](" + b"N" * 100_000 + b"eq\x00"
    yield "one list, many sets", pickled(long + call("builtins.set", b"h\x00") * 50_000)
    many = (
        text("a" * 60_000)
        + b"q\x00"
        + (b"c_codecs\nencode\nh\x00" + text("latin1") + b"\x86R") * 50_000
    )
    yield "one text, many bytes", pickled(many)
    parse = b"ctorch.storage\n_load_from_bytes\nh\x00\x85R0"
    yield "one stream, many readings", pickled(blob(floats(4)) + b"q\x00" + parse * 300_000 + b"N")
    wide = b"(" + b"K\x01" * 100_000 + b"tq\x00"
    yield "one long tuple, many keys", pickled(wide + b"}" + b"h\x00Ns" * 50_000)
    yield (
        "one long tuple, many calls",
        pickled(wide + (b"ccollections\nOrderedDict\nh\x00R0") * 50_000 + b"N"),
    )
    yield "huge text", b"\x80\x04\x8d" + struct.pack("<Q", 1 << 62) + b"a."
    yield "huge bytes", b"\x80\x04\x8e" + struct.pack("<Q", 1 << 50) + b"a."
    yield "huge number", b"\x80\x02\x8b" + struct.pack("<i", 1 << 30) + b"a."
    yield "negative length", b"\x80\x02T\xff\xff\xff\xff."
    yield "huge frame", b"\x80\x04\x95" + struct.pack("<Q", 1 << 60) + b"N."
    yield "long line", b"\x80\x02c" + b"a" * 3_000_000
    yield "many lines", b"\x80\x02" + b"V" + b"a" * 20_000_000 + b"\n."
    yield "decimal of many digits", b"\x80\x02L" + b"9" * 4000 + b"L\n."


def _twice() -> bytes:
    """A network that holds the last one two times."""
    return network(_modules=state(a=b"h\x00", b=b"h\x00")) + b"q\x00"


def _containers() -> Iterator[tuple[str, bytes]]:
    run = pickled(call("os.system", text("touch ran")))
    yield "zip with a call", torch_zip({"a/data.pkl": run})
    yield "zip bomb", torch_zip({"a/data.pkl": bytes(100_000_000)}, zipfile.ZIP_DEFLATED)
    yield "zip without a pickle", torch_zip({"a/other.pkl": run})
    yield "zip with two pickles", torch_zip({"a/data.pkl": run, "b/data.pkl": run})
    yield "script", torch_zip({"a/data.pkl": run, "a/constants.pkl": run, "a/code/x.py": b""})
    yield "zip of a big machine", torch_zip({"a/byteorder": b"big", "a/data.pkl": pickled(b"N")})
    inside = state(G=_zip_tensor(4))
    yield "zip without storages", torch_zip({"a/data.pkl": pickled(inside)})
    short = {"a/data.pkl": pickled(inside), "a/data/0": bytes(4)}
    yield "zip with a short storage", torch_zip(short)
    climbing = {"a/data.pkl": pickled(b"N"), "../../../ran": b"x"}
    yield "zip that climbs", torch_zip(climbing)
    whole = torch_zip({"a/data.pkl": pickled(b"N")})
    yield "zip cut off", whole[:-30]
    yield "zip of many entries", whole[:-14] + b"\xff\xff\xff\xff" + whole[-10:]
    place = whole.rfind(b"PK\x05\x06")
    table = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, 1 << 30, 0, 0)
    yield "zip with a huge table", whole[:place] + table
    wide = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    yield "zip with a 64-bit table", whole[:place] + wide
    yield "stream with a call", stream(call("os.system", text("touch ran")), b"]", b"")
    yield "stream cut off", stream(storage(4), b"](" + text("0") + b"e", b"")
    for name, header in {
        "huge header": struct.pack("<Q", 1 << 60) + b"{}",
        "header that nests": struct.pack("<Q", 200_000) + b'{"a":' * 40_000,
        "offsets beyond": _safe('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,999]}}'),
        "offsets that go back": _safe('{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}'),
        "shape that is huge": _safe(
            '{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}', 8
        ),
        "shape below zero": _safe('{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}', 8),
        "unknown type": _safe('{"a":{"dtype":"F3","shape":[2],"data_offsets":[0,8]}}', 8),
        "no offsets": _safe('{"a":{"dtype":"F32","shape":[2]}}'),
    }.items():
        yield f"safetensors: {name}", header


def _safe(header: str, data: int = 0) -> bytes:
    return struct.pack("<Q", len(header)) + header.encode() + bytes(data)


def _zip_tensor(count: int) -> bytes:
    empty = call("collections.OrderedDict")
    shape = number(count) + b"\x85"
    return call(
        "torch._utils._rebuild_tensor_v2",
        storage(count),
        b"K\x00",
        shape,
        b"K\x01\x85",
        b"\x89",
        empty,
    )


def _networks() -> Iterator[tuple[str, bytes]]:
    cube = tensor(b"(" + b"K\x01" * 4 + b"t", b"(" + b"K\x01" * 4 + b"t")
    itself = b"}q\x05(" + text("a") + b"h\x05u"
    yield "network within itself", pickled(state(G=network(_modules=itself)))
    loop = b"}q\x07" + text("_modules") + b"}" + text("x") + b"h\x07s" + b"s"
    yield (
        "modules within themselves",
        pickled(
            state(
                G=call(
                    "torch_utils.persistence._reconstruct_persistent_obj",
                    state(type=text("class"), class_name=text("G"), state=loop),
                )
            )
        ),
    )
    yield (
        "resolution of a billion",
        pickled(
            state(
                G=network(
                    _parameters=state(
                        **{
                            "synthesis.b4.const": cube,
                            "synthesis.b4.conv1.weight": cube,
                            "synthesis.b1073741824.conv1.weight": cube,
                        }
                    )
                )
            )
        ),
    )
    layers = {f"synthesis.L{i}_36_1.weight": cube for i in range(4)}
    for name, arguments in {
        "endless layers": {"num_critical": number(1 << 40)},
        "endless taps": {"filter_size": number(1 << 40)},
        "endless margin": {"margin_size": number(1 << 40)},
        "no number": {"output_scale": text("a")},
        "not finite": {"first_cutoff": b"G" + struct.pack(">d", float("inf"))},
        "below zero": {"first_stopband": b"G" + struct.pack(">d", -1.0)},
    }.items():
        tensors = {**layers, "synthesis.input.freqs": cube}
        tensors["synthesis.input.affine.weight"] = tensor(b"K\x04K\x01\x86", b"K\x01K\x01\x86")
        tensors["mapping.fc0.weight"] = tensor(b"K\x01K\x01\x86", b"K\x01K\x01\x86")
        yield (
            f"settings: {name}",
            pickled(
                state(G=network(_parameters=state(**tensors), _init_kwargs=state(**arguments)))
            ),
        )
