"""No way through the program leads to a function that runs what a file says."""

import json
import pickle
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest
import torch
from foreign_files import ada_snapshot, snapshot, tf_generator
from safetensors.torch import save_file
from unpickling import findings
from watched import watch

ROOT = Path(__file__).parents[3] / "latent_studio"
# What looks like a way and is none, with the reason.
FINE = {
    "jobs/apart.py": ["names ?"],  # a function of ours, which its caller names in the source
    "jobs/bench/plain.py": ["names exec_module"],  # a file of the installation itself
    "lean_torch.py": ["names ?", "names exec_module"],  # one module of the installed torch
    "training/distributed.py": ["names torch.?"],  # a dtype, said by another process of this run
    "ui/docks/registry.py": ["names ?"],  # docks, named in the source
    "ui/export/page.py": ["names ?"],  # jobs, named in the source
}


def test_the_program_does_not():
    files = sorted(ROOT.rglob("*.py"))
    assert len(files) > 150
    found = {file.relative_to(ROOT).as_posix(): findings(file.read_text("utf-8")) for file in files}
    assert {file: wrong for file, wrong in found.items() if wrong} == FINE


SNIPPETS = """
import pickle
import pickle as p
from pickle import loads
import torch.hub
import yaml
import torch; torch.load('a')
import torch; torch.load('a', weights_only=False)
import torch; torch.load('a', **words)
import torch; torch.load('a', weights_only=flag)
import torch; torch.load('a', weights_only=True, pickle_module=m)
from torch import load
from torch import load as f
import torch as t; t.load('a')
import torch; f = torch.load; f('a')
import torch; t = torch; t.load('a')
import torch; a, b = torch, 1; a.load('a')
import torch; g(torch)
import torch; (t := torch).load('a')
import torch; getattr(torch, 'load')('a')
import torch; getattr(torch, name)('a')
import torch; n = 'load'; getattr(torch, n)('a')
import torch; torch.__dict__['load']('a')
import torch; vars(torch)['load']('a')
import torch; vars(torch).get('load')('a')
import torch; torch.serialization.load('a')
import torch; torch.serialization._legacy_load('a')
import torch; torch.storage._load_from_bytes(b'')
from torch import serialization
from torch import jit; jit.load('a')
import torch.jit as j; j.load('a')
import torch; torch.jit.load('a')
import torch; f = torch.jit.load
import torch; from functools import partial; partial(torch.load, 'a')
import torch; x.map(torch.load, weights_only=True)
from torch import *
import numpy as np; np.load('a')
import numpy as np; np.load('a', allow_pickle=True)
import numpy as np; np.load('a', None, True)
import numpy as n; n.load('a')
import numpy as np; f = np.load
import numpy as np; np.lib.npyio.load('a')
import numpy as np; np.lib.format.read_array(f)
from numpy import load
import pandas as pd; pd.read_pickle('a')
from pandas import read_pickle
import multiprocessing; multiprocessing.reduction.ForkingPickler.loads(b)
from multiprocessing.reduction import ForkingPickler
from multiprocessing import reduction
import multiprocessing as m; m.Queue()
connection.recv()
import torch.distributed as dist; dist.broadcast_object_list(a)
import torch; torch.distributed.all_gather_object(a, b)
from torch.distributed import gather_object
import torch.distributed as dist; getattr(dist, 'scatter_object_list')(a)
import torch.distributed as dist; getattr(dist, name)(a)
import importlib; importlib.import_module('pickle').loads(b)
from importlib import import_module; import_module('pickle')
from importlib import import_module as i; i(name)
from importlib import import_module; import_module(f'torch.{name}')
from importlib import import_module; import_module('torch').load('a')
from importlib import import_module; t = import_module('torch')
import importlib; i = importlib
__import__('pickle')
__builtins__['eval']('1')
__builtins__.eval('1')
globals()['__builtins__']
import builtins; builtins.eval('1')
eval('1')
f = exec
compile('1', 'a', 'eval')
import sys; sys.modules['pickle'].loads(b)
import sys; sys.modules.get('pickle')
import sys; m = sys.modules
import sys; sys.modules[name]
import operator; operator.attrgetter('load')(x)
f.__globals__['eval']
import optuna; optuna.samplers.CmaEsSampler()
samplers.CmaEsSampler(seed=1)
getattr(optuna.samplers, 'CmaEsSampler')
from optuna.storages import JournalStorage
import joblib
spec.loader.exec_module(module)
from concurrent.futures import ProcessPoolExecutor
"""
INNOCENT = """
import torch; torch.load('a', weights_only=True)
import torch as t; t.load('a', weights_only=True, map_location='cpu')
import numpy as np; np.load('a', allow_pickle=False)
import numpy as np; np.save('a', b, allow_pickle=False)
import torch; torch.save(a, 'b')
import torch; torch.jit.trace(a, b)
import torch; torch.compile(a)
import torch; getattr(torch, 'float32')
import torch; getattr(torch.cpu, '_is_amx_tile_supported', None)
import torch; x: torch.Tensor = torch.zeros(1)
import torch.distributed as dist; dist.broadcast(a, 0)
import numpy as np; np.linalg.eigh(a)
from torch import Tensor, nn
import re; re.compile('a')
from re import compile; compile('a')
import json; json.loads('1')
json.load(f)
model.eval(); app.exec(); recipe.load('a'); code.load('b')
getattr(self, name)
vars(self)['load']
table['load'](a); table.get('eval')
import ast; ast.literal_eval('1')
from importlib import import_module; import_module('lmdb')
from importlib import import_module; import_module(f'latent_studio.cli.{name}')
import importlib; NAME = 'openvino'; importlib.import_module(NAME)
import sys; 'torch' in sys.modules
import sys; sys.modules['openvino']
from multiprocessing import get_context; get_context('spawn').Pipe()
connection.recv_bytes()
from safetensors.torch import load_file; load_file('a')
from latent_studio.data.safe_pickle import read_pickle; read_pickle(b, 'a')
import optuna; optuna.samplers.TPESampler()
globals()[name] = value
"""


def lines(text):
    return text.strip().splitlines()


@pytest.mark.parametrize("source", lines(SNIPPETS))
def test_the_test_notices(source):
    assert findings(source)


@pytest.mark.parametrize("source", lines(INNOCENT))
def test_what_is_fine(source):
    assert findings(source) == []


# -- what Python itself says -----------------------------------------------------------------------


@pytest.fixture
def files(tmp_path, writer, saved_by_torch, parity):
    """One of each kind of file from elsewhere: the kind of its opening, and its bytes."""
    small = parity("sg2_orig_32")
    given, state = small.info["init_kwargs"], small.state(True)
    network = writer.module(state, "Generator", given)
    rosinality = {"g_ema": parity("rosinality_sg2_32_narrow").state()}
    found = {
        "nvidia": ("model", writer.pickle(snapshot(writer, network))),
        "networks": ("networks", writer.pickle(snapshot(writer, network))),
        "ada": ("model", writer.pickle(ada_snapshot(writer, state, given), 3, numpy_1=True)),
        "tensorflow": ("model", writer.pickle((tf_generator(writer, small.state(), given),))),
        "rosinality": ("model", saved_by_torch(rosinality)),
        "rosinality, old": ("model", saved_by_torch(rosinality, True)),
        "described": ("description", saved_by_torch(rosinality)),
        "state dict": ("model", saved_by_torch(state)),
        "weights": ("weights", saved_by_torch({"a": torch.zeros(2)})),
        "cifar": ("data", pickle.dumps({b"labels": [9], b"data": np.zeros((1, 3072), "u1")}, 2)),
    }
    jobs = []
    for name, (kind, data) in found.items():
        path = tmp_path / name / ("data_batch_1" if kind == "data" else "file.pth")
        path.parent.mkdir()
        path.write_bytes(data)
        jobs.append((name, kind, path.parent if kind == "data" else path))
    (tmp_path / "safe").mkdir()
    save_file({k: v.contiguous() for k, v in state.items()}, tmp_path / "safe" / "a.safetensors")
    return [*jobs, ("safetensors", "model", tmp_path / "safe" / "a.safetensors")]


def poisoned_study(folder):
    """A study that Optuna's own CMA-ES would run."""
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    ranges = {
        "x": optuna.distributions.FloatDistribution(-5.0, 5.0),
        "y": optuna.distributions.FloatDistribution(1e-4, 1.0, log=True),
    }
    study = optuna.create_study(study_name="s", storage=f"sqlite:///{folder / 'study.db'}")
    for number in range(8):
        params = {"x": number / 2, "y": 0.1}
        study.add_trial(
            optuna.trial.create_trial(params=params, distributions=ranges, value=float(number))
        )
    with sqlite3.connect(folder / "study.db") as connection:
        connection.execute(
            "INSERT INTO trial_system_attributes (trial_id, key, value_json)"
            " SELECT trial_id, 'cma:optimizer:0', ? FROM trials",
            [json.dumps(pickle.dumps(shutil.rmtree).hex())],
        )
    connection.close()
    return "study", "study", folder / "study.db"


@pytest.mark.timeout(300)
def test_python_sees_no_unpickling(files, tmp_path):
    found = watch([*files, poisoned_study(tmp_path)])
    for name, happened in found.items():
        assert "lost" not in happened, (name, happened)
        assert happened["error"] == ["", ""], (name, happened)
        assert [seen for seen in happened["events"] if seen.startswith("pickle.")] == [], name
