"""Every sentence of the pages is there in Chinese and English."""

import pytest

from tools import i18n


def test_every_sentence_has_its_chinese_and_none_is_left_over():
    assert [str(fault) for fault in i18n.faults()] == []


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A small web room with one page and no catalogue."""
    web = tmp_path / "web"
    (web / "templates").mkdir(parents=True)
    (web / "page.py").write_text('from x import _, ngettext\n_("Weigh %(mass)s")\n')
    (web / "templates" / "page.html").write_text('{{ ngettext("%(num)s lot", "%(num)s lots", 2) }}')
    monkeypatch.setattr(i18n, "FOLDER", web / "translations")
    everything = i18n.said
    monkeypatch.setattr(i18n, "said", lambda: everything(web))
    return web


def test_what_lacks_chinese_is_printed_ready_to_be_filled(house):
    assert i18n.missing() == ["%(num)s lot || %(num)s lots", "Weigh %(mass)s"]
    i18n.add(["Weigh %(mass)s\t过磅 %(mass)s\n", "%(num)s lot || %(num)s lots\t%(num)s 个批次\n"])
    assert i18n.missing() == []
    assert i18n.faults() == []


def test_faults_are_named(house):
    i18n.add(
        ["Weigh %(mass)s\t过磅\n", "%(num)s lot || %(num)s lots\t%(num)s 批\n", "Gone\t没了\n"]
    )
    assert sorted(map(str, i18n.faults())) == [
        "no page says this any more: Gone",
        "other placeholders than the English: Weigh %(mass)s",
    ]
    i18n.prune()
    assert [fault.message for fault in i18n.faults()] == ["Weigh %(mass)s"]


def test_a_bare_per_cent_sign_is_refused(house):
    (house / "page.py").write_text('_("100 % sure")\n')
    assert any("bare %" in fault.what for fault in i18n.faults())


def test_a_line_without_chinese_changes_nothing(house):
    with pytest.raises(SystemExit):
        i18n.add(["Weigh %(mass)s\t过磅 %(mass)s\n", "Sell\n"])
    assert len(i18n.missing()) == 2


def test_the_same_sentence_from_two_branches_survives_the_merge(house):
    i18n.add(["Weigh %(mass)s\t过磅 %(mass)s\n"])
    path = i18n.path_of("zh_CN")
    twice = path.read_text().replace('msgstr "过磅', 'msgstr "称重 %(mass)s"\nmsgstr "过磅')
    path.write_text(twice)
    assert [m.string for m in i18n.read("zh_CN") if m.id] == ["称重 %(mass)s"]
