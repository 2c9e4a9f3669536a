"""What the columns of a weighbridge program are called."""

from typing import Final

from remelt.platform.kernel.sheets.headings import Vocabulary

_WORDS: Final = """
number: 流水号, 票号, 磅单号, 过磅单号, 单号, 编号, 序号
number: ticket, ticket no, ticket number, no, number
at: 过磅时间, 称重时间, 毛重时间, 日期时间, 时间, 称重日期, 过磅日期, 日期
at: time, date, date time, weighed at, gross time
plate: 车号, 车牌, 车牌号, 车牌号码, plate, vehicle, truck, licence plate
material: 货名, 品名, 物料, 物料名称, 货物名称, 货物, 品种, 材料, material, grade, goods, commodity
gross: 毛重, gross, gross weight
tare: 皮重, tare, tare weight
net: 净重, net, net weight
deduction: 扣重, 扣杂, 扣杂重, 扣除, deduction, deducted
deduction_share: 扣率, 扣杂率, 扣点, deduction share, deduction rate
payable: 结算重量, 实重, 结重, payable, payable weight, settled weight
price: 单价, 价格, price, unit price
amount: 金额, 总金额, 总价, 货款, amount, total
method: 付款方式, 支付方式, 结算方式, paid by, payment, method
seller: 客户, 客户名称, 供货单位, 发货单位, 送货单位, 供应商, 卖方, 售货人, 姓名
seller: seller, supplier, customer, name
phone: 电话, 手机, 手机号, 联系电话, phone, mobile
direction: 类型, 过磅类型, 业务类型, 进出, 方向, direction, type, in/out
note: 备注, note, remark, remarks
"""
VOCABULARY: Final = Vocabulary.of(
    _WORDS,
    needed=("number", "at", "material", "gross", "tare"),
    masses=("gross", "tare", "net", "deduction", "payable"),
    prices=("price",),
)
