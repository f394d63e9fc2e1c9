"""Fetching files from a server that cuts, lies, changes its mind or falls silent."""

import contextlib
import errno
import hashlib
import os
import shutil
import ssl
import subprocess
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_studio.errors import Cancelled, DownloadError
from latent_studio.mailbox import StopToken
from latent_studio.storage import download as module
from latent_studio.storage import web as web_module
from latent_studio.storage.download import FileSource, Patience, download, partial_bytes
from latent_studio.storage.file_lock import FileLock

DATA = os.urandom(300_000)
OTHER = os.urandom(300_000)
HASH = hashlib.sha256(DATA).hexdigest()
QUICK = Patience(silence_s=5, tries=2, wait_s=0.01)
IMPATIENT = Patience(silence_s=0.3, tries=2, wait_s=0.01)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "model.pkl"


def get(url, target, sha256=HASH, **how):
    source = how.pop("source", None) or FileSource((url,), sha256, how.pop("size", None))
    return download(source, target, patience=how.pop("patience", QUICK), **how)


def cut_once(web, target, at=100_000, **served):
    """Leave a part behind, as if the program had been closed; gives the address."""
    url = web.serve("/m", DATA, cuts=[at, 0], **served)
    with pytest.raises(DownloadError):
        get(url, target, patience=Patience(silence_s=5, tries=1, wait_s=0))
    assert partial_bytes(target) == at and not target.exists()
    return url


def left(target):
    """What lies beside the target, the lock aside."""
    return sorted(p.name for p in target.parent.iterdir() if not p.name.startswith("."))


def test_whole_file_with_progress(web, target):
    events = []
    url = web.serve("/m", DATA)
    assert get(url, target, emit=events.append, size=len(DATA), message="faces") == target
    assert target.read_bytes() == DATA and left(target) == ["model.pkl"]
    last = events[-1]
    assert (last.done, last.total, last.message, last.unit) == (300_000, 300_000, "faces", "B")
    assert [event.done for event in events] == sorted(event.done for event in events)


def test_published_beginning_of_the_hash_is_checked(web, target):
    url = web.serve("/m", DATA)
    get(url, target, sha256=HASH[:8])
    wrong = "0" if HASH[0] != "0" else "1"
    with pytest.raises(DownloadError, match="not the published file"):
        get(url, target.with_name("other"), sha256=wrong + HASH[1:8])


def test_a_cut_is_continued_at_once(web, target):
    url = web.serve("/m", DATA, cuts=[100_000, 120_000])
    get(url, target)
    assert target.read_bytes() == DATA
    assert web.ranges() == [None, "bytes=100000-", "bytes=220000-"]


def test_a_later_call_goes_on_and_hashes_the_old_part_again(web, target):
    url = cut_once(web, target)
    get(url, target)
    assert target.read_bytes() == DATA
    assert web.asked[-1][1]["Range"] == "bytes=100000-"
    assert web.asked[-1][1]["If-Range"] == '"one"'


def test_a_date_stands_in_for_a_weak_etag(web, target):
    date = "Wed, 21 Oct 2015 07:28:00 GMT"
    url = cut_once(web, target, etag='W/"x"', modified=date)
    get(url, target)
    assert web.asked[-1][1]["If-Range"] == date and target.read_bytes() == DATA


@pytest.mark.parametrize("careless", [False, True])
def test_changed_file_is_never_glued(web, target, careless):
    url = cut_once(web, target)
    web.serve("/m", OTHER, etag='"two"', careless=careless)
    get(url, target, sha256="")
    assert target.read_bytes() == OTHER


def test_halves_that_nobody_vouches_for_are_told_by_the_hash(web, target):
    url = cut_once(web, target, etag="")
    web.serve("/m", OTHER, etag="")
    get(url, target, sha256=hashlib.sha256(OTHER).hexdigest())
    assert target.read_bytes() == OTHER
    assert web.ranges()[-2:] == ["bytes=100000-", None]


def test_without_validator_and_hash_all_is_fetched_again(web, target):
    url = cut_once(web, target, etag="")
    web.serve("/m", OTHER, etag="")
    get(url, target, sha256="")
    assert target.read_bytes() == OTHER and web.ranges()[-1] is None


def test_server_without_ranges(web, target):
    url = web.serve("/m", DATA, ranges=False, cuts=[100_000])
    get(url, target)
    assert target.read_bytes() == DATA and web.ranges() == [None, "bytes=100000-"]


def test_part_that_is_whole_already(web, target):
    url = cut_once(web, target)
    with target.with_name("model.pkl.part").open("ab") as file:
        file.write(DATA[100_000:])
    get(url, target)
    assert target.read_bytes() == DATA


def test_part_that_is_longer_than_the_file(web, target):
    url = cut_once(web, target)
    with target.with_name("model.pkl.part").open("ab") as file:
        file.write(bytes(400_000))
    get(url, target)
    assert target.read_bytes() == DATA


def test_damaged_part_is_found_by_the_hash(web, target):
    url = cut_once(web, target)
    with target.with_name("model.pkl.part").open("r+b") as file:
        file.write(b"damage")
    get(url, target)
    assert target.read_bytes() == DATA


def test_damaged_note_begins_anew(web, target):
    url = cut_once(web, target)
    target.with_name("model.pkl.part.json").write_text('{"url": 3')
    get(url, target)
    assert target.read_bytes() == DATA and web.ranges()[-1] is None


def test_wrong_checksum_leaves_nothing(web, target):
    url = web.serve("/m", OTHER)
    with pytest.raises(DownloadError, match="not the published file") as caught:
        get(url, target)
    assert HASH in caught.value.detail and left(target) == []


@pytest.mark.parametrize(
    ("status", "words", "tries"),
    [(404, "not at 127.0.0.1 any more", 1), (403, "everybody", 1), (503, "try again later", 2)],
)
def test_refusals(web, target, status, words, tries):
    url = web.serve("/m", b"", status=status)
    with pytest.raises(DownloadError, match=words):
        get(url, target)
    assert len(web.asked) == tries and left(target) == []


def test_the_next_address_is_tried(web, target):
    gone, wrong = web.serve("/gone", b"", status=404), web.serve("/wrong", OTHER)
    good = web.serve("/good", DATA)
    get("", target, source=FileSource((gone, wrong, good), HASH))
    assert target.read_bytes() == DATA
    assert [path for path, _ in web.asked] == ["/gone", "/wrong", "/good"]


def test_a_part_is_continued_from_the_address_it_is_from(web, target):
    second = cut_once(web, target)
    first = web.serve("/first", DATA)
    get("", target, source=FileSource((first, second), HASH))
    assert target.read_bytes() == DATA and web.asked[-1][0] == "/m"


def test_offline_says_so(web, target):
    port = web.url("/m")
    web.close()
    with pytest.raises(DownloadError, match="offline") as caught:
        get(port, target)
    assert "127.0.0.1" in caught.value.message and left(target) == []


def test_size_that_is_not_the_published_one(web, target):
    url = web.serve("/m", DATA)
    with pytest.raises(DownloadError, match="it was changed"):
        get(url, target, size=5)
    assert left(target) == []


def test_too_large_by_its_own_word_and_by_deed(web, target):
    url = web.serve("/m", DATA)
    with pytest.raises(DownloadError, match="too large"):
        get("", target, source=FileSource((url,), limit=1000))
    url = web.serve("/m", DATA, length=False)
    with pytest.raises(DownloadError, match="sends more"):
        get("", target, source=FileSource((url,), limit=1000))
    assert left(target) == []


def test_unknown_length(web, target):
    url = web.serve("/m", DATA, length=False)
    get(url, target)
    assert target.read_bytes() == DATA


def test_silent_server(web, target):
    url = web.serve("/m", DATA, hold_after=1000)
    with pytest.raises(DownloadError, match="does not answer"):
        get(url, target, patience=IMPATIENT)
    assert partial_bytes(target) >= 1000  # for the next time


def test_a_head_that_never_ends(web, target):
    url = web.serve("/m", DATA, drips=True)
    begun = time.monotonic()
    with pytest.raises(DownloadError, match="broke"):
        get(url, target, patience=IMPATIENT)
    assert time.monotonic() - begun < 4 and left(target) == []


def test_slow_server(web, target):
    url = web.serve("/m", DATA)
    patience = Patience(silence_s=5, slowest=1 << 40, window_s=0, tries=1, wait_s=0.01)
    with pytest.raises(DownloadError, match="too slow"):
        get(url, target, patience=patience)


def test_silence_that_ends_is_forgiven(web, target):
    url = web.serve("/m", DATA, hold_after=1000)
    threading.Timer(0.1, web.go.set).start()
    get(url, target)
    assert target.read_bytes() == DATA


def test_cancel_wakes_a_waiting_download(web, target):
    url, token = web.serve("/m", DATA, hold_after=1000), StopToken()
    threading.Thread(target=lambda: (web.holding.wait(5), token.stop())).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        get(url, target, token=token, patience=Patience(silence_s=15))
    assert time.monotonic() - begun < 4
    web.files["/m"].hold_after = None
    get(url, target)  # what had come is of use
    assert target.read_bytes() == DATA and web.ranges()[-1] == "bytes=1000-"


def test_stopped_before_it_began_asks_nobody(web, target):
    token = StopToken()
    token.stop()
    with pytest.raises(Cancelled):
        get(web.serve("/m", DATA), target, token=token)
    assert web.asked == []


def test_pause_and_resume(web, target):
    url, token = web.serve("/m", DATA, hold_after=1000), StopToken()
    paused = threading.Event()

    def emit(event):
        if not paused.is_set():
            token.pause()
            paused.set()
            web.go.set()
            threading.Timer(0.1, token.resume).start()

    get(url, target, token=token, emit=emit)
    assert paused.is_set() and target.read_bytes() == DATA


def test_no_room_is_told_before_anything_is_asked(web, target, monkeypatch):
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: _Usage(1000))
    url = web.serve("/m", DATA)
    with pytest.raises(DownloadError, match="Free some space"):
        get(url, target, size=len(DATA))
    assert web.asked == []


def test_no_room_for_the_length_the_server_tells(web, target, monkeypatch):
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: _Usage(1000))
    with pytest.raises(DownloadError, match="Free some space"):
        get(web.serve("/m", DATA), target)
    assert not target.exists()


def test_full_disk_keeps_what_has_come(web, target, monkeypatch):
    url = web.serve("/m", DATA)
    write, room = module._write, [150_000]

    def full(file, data):
        write(file, data[: room[0]])
        room[0] -= len(data[: room[0]])
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "_write", full)
    with pytest.raises(DownloadError, match=r"disk is full.*is kept"):
        get(url, target)
    assert partial_bytes(target) == 150_000 and not target.exists()
    monkeypatch.setattr(module, "_write", write)
    get(url, target)
    assert target.read_bytes() == DATA and web.ranges()[-1] == "bytes=150000-"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_with_the_range(web, target, status):
    cut_once(web, target)
    web.serve("/new", DATA)
    url = web.serve("/m", b"", status=status, location="/new")
    get(url, target)
    assert target.read_bytes() == DATA and web.asked[-1][1]["Range"] == "bytes=100000-"


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://127.0.0.1/m", "data:,x", "gopher://x/", "//", "http:///m", "/m"],
)
def test_redirects_elsewhere_are_refused(web, target, location):
    url = web.serve("/m", b"", status=302, location=location)
    with pytest.raises(DownloadError):
        get(url, target)
    assert left(target) == []


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x/y", "x", "", "http://", "http://a b/", "http://x:a/"]
)
def test_other_addresses_are_refused(target, url):
    with pytest.raises(DownloadError, match="no address of the web"):
        get(url, target)


def test_compressed_on_the_way_is_refused(web, target):
    url = web.serve("/m", DATA, extra={"Content-Encoding": "gzip"})
    with pytest.raises(DownloadError, match="something else"):
        get(url, target)


@settings(max_examples=15)
@given(
    cuts=st.lists(st.integers(0, 300_000), max_size=4),
    careless=st.booleans(),
    ranges=st.booleans(),
    etag=st.sampled_from(['"one"', 'W/"one"', ""]),
    length=st.booleans(),
)
def test_whatever_the_server_does_the_file_is_whole_or_not_there(
    web, tmp_path, cuts, careless, ranges, etag, length
):
    target = tmp_path / "model.pkl"
    how = {"careless": careless, "ranges": ranges, "etag": etag, "length": length}
    url = web.serve("/m", DATA, cuts=list(cuts), **how)
    for _ in range(len(cuts) + 2):
        with contextlib.suppress(DownloadError):
            get(url, target, size=len(DATA), patience=Patience(5, tries=1, wait_s=0))
        assert not target.exists() or target.read_bytes() == DATA
    assert target.exists()
    target.unlink()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key and a certificate for 127.0.0.1 that nobody has signed."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    words = ["req", "-x509", *curve, "-nodes", "-days", "2"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(cert)]
    subprocess.run(["openssl", *words, *names, *files], check=True, capture_output=True)
    return key, cert


@pytest.fixture
def secure(web, certificate):
    web.protect(*certificate)
    return web


def trust(monkeypatch, certificate):
    made = ssl.create_default_context(cafile=str(certificate[1]))
    monkeypatch.setattr(web_module.ssl, "create_default_context", lambda: made)


def test_untrusted_certificate(secure, target):
    with pytest.raises(DownloadError, match="is not trusted"):
        get(secure.serve("/m", DATA), target)
    assert left(target) == []


def test_protected_download_is_continued_and_cancelled(secure, target, certificate, monkeypatch):
    trust(monkeypatch, certificate)
    url = secure.serve("/m", DATA, cuts=[100_000])
    get(url, target)
    assert target.read_bytes() == DATA and url.startswith("https:")
    token = StopToken()
    url = secure.serve("/m", DATA, hold_after=1000)
    threading.Thread(target=lambda: (secure.holding.wait(5), token.stop())).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        get(url, target.with_name("other"), token=token, patience=Patience(silence_s=15))
    assert time.monotonic() - begun < 4


def test_no_redirect_from_a_protected_address_to_an_open_one(
    secure, target, certificate, monkeypatch
):
    trust(monkeypatch, certificate)
    url = secure.serve("/m", b"", status=302, location="http://127.0.0.1/m")
    with pytest.raises(DownloadError, match="unprotected"):
        get(url, target)


def test_one_download_of_a_file_at_a_time(web, target):
    lock = FileLock(target.with_name(".model.pkl.lock"))
    with pytest.raises(DownloadError, match="being downloaded already"):
        get(web.serve("/m", DATA), target)
    lock.release()
    get(web.url("/m"), target)


def test_folder_that_is_not_there(web, tmp_path):
    with pytest.raises(DownloadError, match="folder does not exist"):
        get(web.serve("/m", DATA), tmp_path / "nowhere" / "m")


class _Usage:
    def __init__(self, free):
        self.free = free
