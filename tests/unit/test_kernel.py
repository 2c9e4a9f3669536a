"""Small promises of the kernel."""

import stat
from pathlib import Path

import pytest

from remelt.platform.kernel.files import FileStore, NoSuchFile
from remelt.platform.kernel.outbox import Event
from remelt.platform.kernel.settings import BadSetting, Settings
from remelt.platform.kernel.text import bigrams, search_terms
from remelt.platform.parties.events import Joined
from remelt.web.home import secret
from remelt.web.wiring import handlers


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"REMELT_PROT": "1"}, "REMELT_PROT"),
        ({"REMELT_PORT": "80a"}, "whole number"),
        ({"REMELT_DEMO": "yes"}, "0 or 1"),
    ],
)
def test_a_setting_that_does_not_fit_is_told(environ: dict[str, str], says: str):
    with pytest.raises(BadSetting, match=says):
        Settings.from_env(environ)


def test_settings_are_read_by_type():
    read = Settings.from_env(
        {"REMELT_HOME": "x", "REMELT_PORT": "81", "REMELT_DEMO": "1", "PATH": "-"}
    )
    assert (read.home, read.port, read.demo) == (Path("x"), 81, True)
    assert Settings.from_env({"REMELT_HOME": "", "REMELT_PORT": ""}) == Settings()


def test_files_are_kept_under_their_hash(tmp_path: Path):
    store = FileStore(tmp_path)
    name = store.put(b"photo")
    assert store.put(b"photo") == name
    assert store.get(name) == b"photo"
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == [name]


@pytest.mark.parametrize("name", ["", "..", "a" * 64, "../../etc/passwd", "A" * 64])
def test_what_is_no_kept_file_is_not_found(tmp_path: Path, name: str):
    with pytest.raises(NoSuchFile):
        FileStore(tmp_path).get(name)


def test_keys_are_made_once_and_for_their_owner(tmp_path: Path):
    first = secret(tmp_path, "session.key")
    assert secret(tmp_path, "session.key") == first
    assert len(first) >= 48
    assert stat.S_IMODE((tmp_path / "keys" / "session.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("sought", ["铝", "废铝", "光亮铜", "6063", "adc12", "贵阳 铜"])
def test_words_of_one_and_two_characters_are_found(sought: str):
    stored = set(bigrams("废铝 光亮铜 6063 ADC12 贵阳").split())
    assert set(search_terms(sought)) <= stored


@pytest.mark.parametrize("sought", ["铅", "铜废", "606", "遵义"])
def test_other_words_are_not(sought: str):
    stored = set(bigrams("废铝 光亮铜 6063 ADC12 贵阳").split())
    assert not set(search_terms(sought)) <= stored


def test_the_audit_trail_names_parties_by_ids_alone():
    """A row of it is never changed: a code in it would outlive the person who is erased."""
    assert handlers  # it knows the other rooms' events
    assert Joined in Event.__subclasses__()
    every = [each for each in Event.__subclasses__() if "remelt" in each.__module__]
    codes = {f"{who}_code" for who in ("person", "organisation", "seller", "buyer", "bidder")}
    codes |= {"carrier_code", "receiver_code", "owner_code", "actor"}
    naming = {each.name: codes & set(each.__annotations__) for each in every}
    assert sum(map(len, naming.values())) > 20
    assert [each.name for each in every if naming[each.name] - set(each.unkept)] == []
