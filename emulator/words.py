"""The words of the sample company: places with the people and firms that live there, and what is sold and talked about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """An address, and names of people and firms that one meets there. `address`: the parts by the end of their column."""

    address: dict[str, str]
    women: tuple[tuple[str, str], ...]
    men: tuple[tuple[str, str], ...]
    firms: tuple[str, ...]
    mail: str
    phone: str

    @property
    def city(self) -> str:
        """The city."""
        return self.address["_CITY"]


def _address(text: str) -> dict[str, str]:
    names = ("", "_2", "_CITY", "_POSTAL_CODE", "_REGION", "_PROVINCE", "_COUNTRY", "_COUNTRY_CODE")
    return dict(zip(names, text.split("|"), strict=True))


PLACES = (
    Place(
        _address("Тверская ул., 12|офис 301|Москва|125009|Тверской район|Москва|Россия|RU"),
        (("Анна", "Иванова"), ("Ольга", "Соколова")),
        (("Пётр", "Ковальчук"), ("Тимур", "Алиев")),
        ("Ромашка", "Северный ветер"),
        "mail.example.ru",
        "+7 495 000-",
    ),
    Place(
        _address("Невский пр., 88|кв. 5|Санкт-Петербург|191025|Центральный район|Санкт-Петербург|Россия|RU"),
        (("Мария", "Лебедева"), ("Фатима", "Алиева")),
        (("Игорь", "Щукин"), ("Семён", "Ёлкин")),
        ("Балтика-Сервис", "Нева Трейд"),
        "post.example.ru",
        "+7 812 000-",
    ),
    Place(
        _address("Prager Str. 7|2. OG|Dresden|01069|Altstadt|Sachsen|Deutschland|DE"),
        (("Zoë", "Müller"), ("Katrin", "Weiß")),
        (("Jürgen", "Schäfer"), ("Max", "Groß")),
        ("Grün & Söhne", "Elbtal Maschinen GmbH"),
        "mail.example.de",
        "+49 351 000-",
    ),
    Place(
        _address("Avenida Paulista, 1578|cj. 42|São Paulo|01310-200|Bela Vista|SP|Brasil|BR"),
        (("Conceição", "Araújo"), ("Inês", "García")),
        (("José", "Gonçalves"), ("João", "Muñoz")),
        ("Café Irmãos", "Construções São João"),
        "mail.example.br",
        "+55 11 0000-",
    ),
    Place(
        _address("丸の内1-9-1|4階|東京|100-0005|千代田区|東京都|日本|JP"),
        (("美咲", "佐藤"), ("陽子", "王")),
        (("大輔", "鈴木"), ("健", "高橋")),
        ("株式会社青空", "合同会社みどり"),
        "mail.example.jp",
        "+81 3-0000-",
    ),
    Place(
        _address("12 King's Road|Flat 3|London|SW3 4RP|Chelsea|Greater London|United Kingdom|GB"),
        (("Siân", "O'Neil"), ("Grace", "Smith")),
        (("Liam", "Brown"), ("Seán", "Murphy")),
        ('Blue "Ocean" Ltd', "Acme"),
        "mail.example.com",
        "+44 20 0000 ",
    ),
)
FIRMS = {place.city: place.firms for place in PLACES}

THINGS = ("Delivery", "Поставка оборудования", "Licence renewal", "Wartung", "Consulting <b>2026</b>", "Обучение")
PRODUCTS = (
    *("Стол письменный", "Office chair", "Лампа настольная", "Schreibtisch", 'モニター 27"', "Кабель HDMI, 2 м"),
    *("Cartucho de tinta", 'Ноутбук 14"', "Whiteboard", "Bücherregal", "Чайник", "Paper A4"),
)
SERVICES = ("Выезд мастера", "Setup fee", "Доставка", "Montage")
SUBJECTS = {
    "call": ("Обсудить условия", "Call about the offer", "Rückruf zur Rechnung", "Уточнить адрес доставки"),
    "meeting": ("Встреча в офисе", "Product demo", "Vertragsgespräch", "お打ち合わせ"),
    "mail": ("Коммерческое предложение", "Your invoice", "Angebot", "Re: delivery date"),
    "todo": ("Подготовить договор", "Send the brochure", "Позвонить завтра", "Angebot nachfassen"),
}

# what people type: with markup, line ends, emoji, and empty in two ways
TEXTS = (
    "",
    "Call back on Monday",
    "[b]Срочно[/b]",
    "line one\nline two",
    "\tindented",
    "50 % \\ discount",
    "🙂 спасибо!",
    "ご確認ください",
    None,
)
# what programs and forms write, by the end of the column's name
CODES: dict[str, tuple[str | None, ...]] = {
    "UTM_SOURCE": ("google", "yandex", "newsletter", None),
    "UTM_MEDIUM": ("cpc", "email", "banner", None),
    "UTM_CAMPAIGN": ("spring_2026", "black-friday", "бренд", None),
    "UTM_CONTENT": ("banner-1", "text-link", None),
    "UTM_TERM": ("crm", "купить стол", None),
    "ORIGINATOR_ID": ("1C", "SHOP", None, None),
    "ORIGIN_ID": ("000123", "12345678901234567890", "A-17", None),
    "ORIGIN_VERSION": ("1", "20260301", None),
    "SECOND_NAME": ("Сергеевна", "Marie", None),
    "POST": ("Директор", "Head of purchasing", "Einkäuferin", "Бухгалтер", None),
    "COMPANY_TITLE": ("Ромашка", "Acme", "Grün & Söhne", "株式会社青空", None),
    "CLIENT_TITLE": ("Ромашка", "Acme", "株式会社青空"),
    "CLIENT_ADDR": ("Тверская ул., 12, Москва", "12 King's Road, London", None),
    "CLIENT_CONTACT": ("Анна Иванова", "Liam Brown", None),
    "CLIENT_EMAIL": ("anna@mail.example.ru", "liam@mail.example.com", None),
    "CLIENT_PHONE": ("+7 495 000-12-34", "+44 20 0000 1234", None),
    "CLIENT_TP_ID": ("7701234567", "0123456789", None),
    "CLIENT_TPA_ID": ("770101001", None),
    "BANKING_DETAILS": ("р/с 40702810000000000001", "IBAN DE00 0000 0000 0000 0000 00", None),
    "ADDRESS_LEGAL": ("125009, Москва, Тверская ул., 12", "01069 Dresden, Prager Str. 7", None),
    "LAST_COMMUNICATION_TIME": ("12.10.2026 14:05:00", None),
    "RESULT_CURRENCY_ID": (None,),
    "RESULT_SOURCE_ID": (None,),
    "PROVIDER_DATA": (None, '{"duration": 95}'),
    "LOCATION": ("Переговорная 2", "Zoom", "", None),
    "XML_ID": ("00017", "item-204", None),
    "CODE": ("stol-pismennyj", "office-chair", None),
    "CURRENCY_ID": ("RUB", "EUR", "USD"),
}
