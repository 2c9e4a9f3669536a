"""Who plays: every firm is invented and marked 演示; counties are real."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Yard:
    """One site of a player. opens, closes: minutes of the Beijing day."""

    adcode: str
    capabilities: tuple[str, ...]
    name_zh: str = ""
    name_en: str = ""
    scale_division_g: int | None = None
    second_person_above_fen: int | None = None
    opens: int = 7 * 60
    closes: int = 20 * 60


@dataclass(frozen=True, slots=True)
class Player:
    """One organisation: its key, names, legal form, site, and the logins with their role."""

    key: str
    name_zh: str
    name_en: str
    legal_form: str
    site: Yard
    logins: tuple[tuple[str, str, str], ...]
    filings: tuple[tuple[str, str], ...] = field(default=())


def _collector(number: int, adcode: str, place_zh: str, place_en: str, form: str) -> Player:
    kind_zh = {"natural_person": "收购户", "household": "回收站", "enterprise": "回收公司"}[form]
    login = "collector" if number == 1 else f"collector{number}"
    return Player(
        key=login,
        name_zh=f"演示·{place_zh}{kind_zh}{number}",
        name_en=f"Demo collector {number}, {place_en}",
        legal_form=form,
        site=Yard(adcode, ("collect",), f"{place_zh}货场", f"{place_en} yard"),
        logins=((login, f"演示收集{number}", "collector"),),
    )


COLLECTORS = tuple(
    _collector(number, *row)
    for number, row in enumerate(
        (
            ("520102", "南明", "Nanming", "household"),
            ("520115", "观山湖", "Guanshanhu", "natural_person"),
            ("520113", "白云", "Baiyun", "household"),
            ("520111", "花溪", "Huaxi", "natural_person"),
            ("520181", "清镇", "Qingzhen", "enterprise"),
            ("520403", "平坝", "Pingba", "household"),
            ("520402", "西秀", "Xixiu", "enterprise"),
            ("522730", "龙里", "Longli", "natural_person"),
            ("520302", "红花岗", "Honghuagang", "household"),
            ("520303", "汇川", "Huichuan", "enterprise"),
            ("520304", "播州", "Bozhou", "household"),
            ("520382", "仁怀", "Renhuai", "natural_person"),
            ("520323", "绥阳", "Suiyang", "household"),
            ("520328", "湄潭", "Meitan", "natural_person"),
            ("522701", "都匀", "Duyun", "enterprise"),
            ("522601", "凯里", "Kaili", "household"),
        ),
        start=1,
    )
)

_HUB_CAN = ("hub", "purchase_point", "collect", "carry")


def _hub(number: int, adcode: str, place_zh: str, place_en: str) -> Player:
    login = "hub" if number == 1 else f"hub{number}"
    return Player(
        key=login,
        name_zh=f"演示·{place_zh}再生金属集散中心",
        name_en=f"Demo hub {place_en}",
        legal_form="enterprise",
        site=Yard(
            adcode,
            _HUB_CAN,
            f"{place_zh}集散中心",
            f"{place_en} hub",
            scale_division_g=20_000,
            second_person_above_fen=5_000_000,
        ),
        logins=(
            (login, f"演示司磅{number}", "hub"),
            (f"{login}-cashier", f"演示出纳{number}", "hub"),
        ),
        filings=(
            ("public_security", f"演示-PS-{number}"),
            ("productive_scrap", f"演示-SC-{number}"),
        ),
    )


HUBS = (
    _hub(1, "520181", "清镇", "Qingzhen"),
    _hub(2, "520304", "播州", "Bozhou"),
    _hub(3, "522702", "福泉", "Fuquan"),
)


def _smelter(login: str, adcode: str, name_zh: str, name_en: str) -> Player:
    return Player(
        key=login,
        name_zh=f"演示·{name_zh}",
        name_en=f"Demo {name_en}",
        legal_form="enterprise",
        site=Yard(
            adcode,
            ("smelt", "trade"),
            f"{name_zh}厂区",
            f"{name_en} works",
            scale_division_g=20_000,
            second_person_above_fen=4_000_000,
            opens=0,
            closes=24 * 60,
        ),
        logins=(
            (login, f"演示采购·{name_zh}", "smelter"),
            (f"{login}-finance", f"演示财务·{name_zh}", "smelter"),
        ),
        filings=(("public_security", f"演示-PS-{login}"), ("productive_scrap", f"演示-SC-{login}")),
    )


SMELTERS = (
    _smelter("smelter", "520181", "黔中再生铝", "Qianzhong recycled aluminium"),
    _smelter("smelter2", "520304", "黔北铸造铝合金", "Qianbei casting alloys"),
    _smelter("smelter3", "522701", "黔南再生铜", "Qiannan recycled copper"),
)


def _office(login: str, name_zh: str, name_en: str) -> Player:
    return Player(
        key=login,
        name_zh=f"演示·{name_zh}",
        name_en=f"Demo {name_en}",
        legal_form="enterprise",
        site=Yard("520115", (), f"{name_zh}办公室", f"{name_en} office"),
        logins=((login, f"演示·{name_zh}", login),),
    )


OFFICES = (
    _office("regulator", "省工业主管部门", "regulator"),
    _office("auditor", "核查机构", "auditor"),
    _office("operator", "平台运营", "platform operator"),
)

PLAYERS = (*COLLECTORS, *HUBS, *SMELTERS, *OFFICES)

KNOWN_SITES = (
    ("演示·黔中再生铝厂区", "Al", "520181"),
    ("演示·黔北铸造铝合金厂区", "Al", "520304"),
    ("演示·未入驻铝厂甲", "Al", "520626"),
    ("演示·未入驻铝厂乙", "Al", "520402"),
    ("演示·黔南再生铜厂区", "Cu", "522701"),
    ("演示·未入驻铜厂", "Cu", "522302"),
)
"""The register of known sites: some are not on the platform, so shares are a sample."""
