"""CMA-ES of a study: it finds, goes on, is shared, and runs nothing that lies in the storage."""

import json
import math
import os
import pickle
import shutil
import sqlite3
from statistics import median
from types import SimpleNamespace

import pytest

from latent_studio.errors import RunError
from latent_studio.jobs.search_space import parse_param
from latent_studio.jobs.study import Method, Study
from latent_studio.jobs.study_storage import Storage

optuna = pytest.importorskip("optuna")
cmaes = pytest.importorskip("cmaes")

SPACE = [*parse_param("x=-5.0:5.0"), *parse_param("y=log:1e-4:1"), *parse_param("n=0:40:4")]
GENERATION = 4 + 3  # trials in one, of three ranges


def method(sampler="cmaes", seed=0):
    return Method(sampler, "none", seed, 1, 4)


def bowl(params):
    """Least, 0, at x=3, y=0.01, n=8."""
    y = math.log10(params["y"]) + 2
    return (params["x"] - 3) ** 2 + 4 * y**2 + ((params["n"] - 8) / 8) ** 2


def new_study(url=None, maximize=False):
    """A study in a database, or, quicker, in this process alone."""
    if url is None:
        kept = optuna.storages.InMemoryStorage()
        ways = ["maximize" if maximize else "minimize"]
        optuna.create_study(study_name="s", storage=kept, directions=ways)
        return Study(SimpleNamespace(optuna=optuna, url="memory", kept=kept), "s")
    storage = Storage(url)
    if "s" not in storage.names():
        storage.create("s", [maximize])
    return Study(storage, "s")


def url_of(folder):
    return f"sqlite:///{(folder / 'study.db').as_posix()}"


def work(study, total, how=None, space=SPACE, sign=1):
    """Do trials until there are ``total``; their values."""
    found = []
    while (trial := study.claim(total, how or method(), space, "w")) is not None:
        params = study.choose(trial, space)
        study.finish(trial, "done", [sign * bowl(params)], "")
        found.append(params)
    return found


def generations(study):
    trials = study._study.get_trials(deepcopy=False)
    return [trial.system_attrs.get("cma:generation") for trial in trials]


def test_it_finds_more_than_chance():
    best = {"cmaes": [], "random": []}
    for sampler, found in best.items():
        for seed in range(5):
            study = new_study()
            work(study, 60, method(sampler, seed))
            found.append(min(row.values[0] for row in study.rows()))
    assert median(best["cmaes"]) < 0.25
    assert median(best["cmaes"]) < median(best["random"]) / 2


def test_upwards_it_is_the_same():
    down, up = new_study(), new_study(maximize=True)
    assert work(down, 20) == work(up, 20, sign=-1)


def test_the_values_are_of_the_ranges():
    space = [*SPACE, *parse_param("k=1:64"), *parse_param("c=a|b"), *parse_param("one=2:2")]
    space += [*parse_param("log=log:1:1000")]
    for params in work(new_study(), 16, space=space):
        assert -5 <= params["x"] <= 5 and 1e-4 <= params["y"] <= 1
        assert params["n"] in range(0, 41, 4) and params["k"] in range(1, 65)
        assert params["c"] in "ab" and params["one"] == 2 and 1 <= params["log"] <= 1000
        assert isinstance(params["n"], int) and isinstance(params["log"], int)


def test_stopped_and_begun_again_it_goes_the_same_way(tmp_path):
    whole = work(new_study(), 2 * GENERATION + 4)
    (tmp_path / "part").mkdir()
    part = []
    for total in (3, GENERATION + 4, 2 * GENERATION + 4):
        part += work(new_study(url_of(tmp_path / "part")), total)
    assert part == whole


def test_its_generations_follow_each_other():
    study = new_study()
    work(study, 1 + 2 * GENERATION + 2)
    # the first trial of all knows no ranges yet
    assert generations(study) == [None, *[0] * GENERATION, *[1] * GENERATION, 2, 2]


def test_several_at_once_come_to_the_same_state(tmp_path):
    """Three processes' studies; their trials end in another order than they began."""
    studies = [new_study(url_of(tmp_path)) for _ in range(3)]
    for _ in range(5):
        taken = [(study, study.claim(99, method(), SPACE, "w")) for study in studies]
        for study, trial in reversed(taken):
            study.finish(trial, "done", [bowl(study.choose(trial, SPACE))], "")
    rows = studies[0].rows()
    assert len({tuple(row.params.items()) for row in rows}) == 15
    found = generations(studies[0])
    # the first three knew no ranges; no generation ends before it has all its trials
    assert found[:3] == [None] * 3
    assert found[3:] == sorted(found[3:]) and found.count(0) >= GENERATION and found[-1] == 1


def test_a_slow_trial_changes_nothing_that_was_told(monkeypatch):
    means = []
    tell = cmaes.CMA.tell

    def told(self, solutions):
        tell(self, solutions)
        means.append((self.generation, tuple(self.mean)))

    monkeypatch.setattr(cmaes.CMA, "tell", told)
    study = new_study()
    work(study, 1)
    slow = study.claim(99, method(), SPACE, "w")
    work(study, 2 + GENERATION + 2)
    before = set(means)
    study.finish(slow, "done", [0.0], "")
    work(study, 2 + GENERATION + 4)
    assert {generation for generation, _ in before} == {1} and set(means) == before


def test_a_resumed_trial_keeps_its_generation():
    study = new_study()
    work(study, 3)
    taken = study.claim(99, method(), SPACE, "w")
    params = study.choose(taken, SPACE)
    work(study, 3 + GENERATION)
    again = study.attach(taken.number, method())
    assert study.choose(again, SPACE) == params
    assert generations(study)[taken.number] == 0


def test_a_study_of_optunas_own_sampler_goes_on(tmp_path):
    storage = Storage(url_of(tmp_path))
    storage.create("s", [False])
    theirs = optuna.load_study(
        study_name="s", storage=storage.kept, sampler=optuna.samplers.CmaEsSampler(seed=1)
    )
    helper = Study(storage, "s")
    count = 1 + 2 * GENERATION + 3
    theirs.optimize(lambda trial: bowl(helper.choose(trial, SPACE)), n_trials=count)
    work(helper, count + 1)
    assert generations(helper)[-1] == 2


# -- storages of strangers -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A study in a file, in its second generation."""
    folder = tmp_path_factory.mktemp("begun")
    work(new_study(url_of(folder)), GENERATION + 2)
    return folder / "study.db"


@pytest.fixture
def given(begun, tmp_path):
    """A folder with such a study."""
    shutil.copy(begun, tmp_path)
    return tmp_path


class Harm:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def poison(folder, statement, *values):
    with sqlite3.connect(folder / "study.db") as connection:
        connection.execute(statement, values)
    connection.close()


@pytest.mark.parametrize("key", ["cma:optimizer:0", "cma:optimizer", "cma:", "cma:generation"])
def test_nothing_in_a_study_is_run(given, key):
    harm = pickle.dumps(Harm(given / "ran")).hex()
    names = "trial_id, key, value_json"
    for table in ("trial_system_attributes", "trial_user_attributes"):
        poison(given, f"DELETE FROM {table} WHERE key = ?", key)
        poison(
            given,
            f"INSERT INTO {table} ({names}) SELECT trial_id, ?, ? FROM trials",
            key,
            json.dumps(harm),
        )
    assert work(new_study(url_of(given)), GENERATION + 3)
    assert not (given / "ran").exists()
    # the attack is one: where state is a pickle, it works
    if key == "cma:optimizer:0":
        study = new_study(url_of(given))._study
        study.sampler = optuna.samplers.CmaEsSampler(seed=1)
        study.ask({"x": optuna.distributions.FloatDistribution(-5.0, 5.0)})
        assert (given / "ran").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trial_params SET param_value = 9e999",
        "UPDATE trial_params SET distribution_json = 'x'",
        "UPDATE trial_params SET distribution_json = '[]'",
        "UPDATE trial_params SET distribution_json = '{}'",
        "UPDATE trial_system_attributes SET value_json = '{'",
        "UPDATE trials SET state = 'x'",
    ],
)
def test_what_is_no_study_is_refused(given, statement):
    poison(given, statement)
    with pytest.raises(RunError, match=r"The study s in sqlite.* holds what no trial can"):
        work(new_study(url_of(given)), 99)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trial_params SET param_value = -1e300",
        "UPDATE trial_values SET value = 9e999",
        "UPDATE trial_values SET value = 1e308",
        "UPDATE trial_values SET value_type = 'INF_POS', value = NULL",
        "UPDATE trials SET datetime_complete = NULL",
        "UPDATE trial_system_attributes SET value_json = '1e999'",
        "UPDATE trial_system_attributes SET value_json = '[{}]'",
    ],
)
def test_nonsense_in_a_study_is_survived(given, statement):
    poison(given, statement)
    assert len(work(new_study(url_of(given)), GENERATION + 4)) == 2
