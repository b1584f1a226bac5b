"""Downloads of China's customs in every layout that its site has given out, with numbers made up.

They stand in for the genuine files that lie beside some checkouts: the same headings, encodings,
quotes, thousands separators and trailing commas; other goods, other sums.
"""

from pathlib import Path

_MONTH, _YUAN, _DOLLAR = '"数据年月",', '"人民币",', '"US dollar",'
_PARTNER, _GOOD = '"贸易伙伴编码","贸易伙伴名称",', '"商品编码","商品名称",'
_PLACE = '"贸易方式编码","贸易方式名称","注册地编码","注册地名称",'
_AMOUNT = '"第一数量","第一计量单位","第二数量","第二计量单位",'
_EN_AMOUNT = '"Quantity","Unit","Supplementary Quantity","Supplementary Unit",'
_EN_PLACE = (
    '"Trading partner code","Trading partner","Customs Regime code","Customs Regime",'
    '"Locations of importers and exporters code","Locations of importers and exporters",'
)
_PARTNERS = (("402", "阿根廷"), ("410", "巴西"), ("502", "美国"))


def _year(year: int, code: str, name: str, scale: int) -> str:
    """Write a year of one good from three partners; one of them is silent in a month."""
    lines = [_MONTH + _PARTNER + _GOOD + _AMOUNT + _YUAN]
    for month in range(1, 13):
        for place, (partner, called) in enumerate(_PARTNERS):
            if (month, place) == (4, 0):
                continue
            kilograms = scale * (100 + 7 * month) * (place + 1)
            lines.append(
                f'"{year}{month:02d}","{partner}","{called}","{code}","{name}","{kilograms}",'
                f'"千克","0","?","{kilograms * (31 + month + place):,}",'
            )
    return "\n".join(lines) + "\n"


def _rows(heading: str, *rows: str) -> str:
    return "\n".join([heading, *rows]) + "\n"


def write_downloads(folder: Path) -> Path:
    """Write the seven files into a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "2023.csv": ("gb18030", _year(2023, "15079010", "初榨的豆油分离品", 90_001)),
        "2024in.csv": ("gb18030", _year(2024, "15079010", "初榨的豆油分离品", 70_003)),
        "2024out.csv": ("gb18030", _year(2024, "15079090", "精制的豆油", 11)),
        "chinese-full.csv": (
            "gb18030",
            _rows(
                _GOOD + _PARTNER + _PLACE + _AMOUNT + _YUAN[:-1],
                '"69022000","耐火砖","109","朝鲜","10","一般贸易","21","辽宁省","40500","千克","0","?","123,456"',
                '"69022000","耐火砖","109","朝鲜","19","边境小额贸易","22","吉林省","300","千克","0","?","1,002"',
            ),
        ),
        "customs_import_2018.head.utf8.csv": (
            "utf-8",
            _rows(
                _MONTH + _GOOD + _AMOUNT + _YUAN,
                '"201801","27101210","车用汽油和航空汽油,不含有生物柴油","1000","千克","1380","升","9,876",',
                '"201801","27101923","柴油,不含生物柴油","50000","千克","58900","升","345,678",',
            ),
        ),
        "english-degenerate.csv": (
            "utf-8",
            _rows(
                f'"Commodity code","Commodity",{_EN_AMOUNT}{_DOLLAR}',
                '"69022000","Refractory bricks","900","Kilogram","0","?","4,321",',
            ),
        ),
        "english-full.csv": (
            "utf-8",
            _rows(
                f'"Date of data","Commodity code","Commodity",{_EN_PLACE}{_EN_AMOUNT}{_DOLLAR}',
                '"202601","69022000","Refractory bricks","110","Hong Kong，China","10",'
                '"Ordinary Trade","44","Guangdong Province","7000","Kilogram","0","?","12,345",',
                '"202601","69022000","Refractory bricks","109","Korea,DPR","19",'
                '"Border Trade","21","Liaoning Province","500","Kilogram","0","?","678",',
            ),
        ),
    }
    for name, (encoding, text) in files.items():
        (folder / name).write_bytes(text.encode(encoding))
    return folder
