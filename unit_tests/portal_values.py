"""Values as portals send them, and values that no portal should send, for property tests."""

from typing import Any

from hypothesis import strategies as st

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)

ODD_TEXTS = st.sampled_from(
    [
        *("", " ", "Y", "N", "0", "1", "-", "+5", " 12 ", "007", "-0", "1_000", "1_000.5", "1,5", "0x10", "12abc"),
        *(
            "inf",
            "-inf",
            "nan",
            "-nan",
            "Infinity",
            "1e999",
            "-1e999",
            "1e5",
            ".5",
            "5.",
            "1e308",
            "²",
            "１２",
            "٣",
            "١٢.٥",
        ),
        *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "9" * 400),
        *("2024-05-10T13:04:05+03:00", "2024-05-10T13:04:05Z", "2024-05-10T13:04:05", "2024-05-10", "20240510"),
        *("2024-W19-5T13:04:05+03:00", "2024-05-10 13:04:05+03:00", "2024-05-10T13:04:05.123+03:00", "2024-05-10T13"),
        *("9999-12-31T00:00:00+03:00", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
        *("0000-00-00", "0000-00-00T00:00:00+00:00", "2024-02-30T00:00:00+00:00", "2024-05-10T25:00:00+00:00"),
        *("2024-05-10T13:04:05+99:00", "２０２４-05-10T13:04:05+03:00", "2024+05+10T13:04:05+03:00", "soon"),
    ]
)

WRITTEN_TEXTS = st.one_of(
    ODD_TEXTS,
    st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{1,9})?", fullmatch=True),
    st.from_regex(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9][+-]0[0-9]:[03]0", fullmatch=True),
)

# as orjson decodes them: integers of at most 64 bits, finite numbers
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WRITTEN_TEXTS
    | TEXTS,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(TEXTS, values, max_size=3),
    max_leaves=6,
)

PORTAL_VALUES: st.SearchStrategy[Any] = WRITTEN_TEXTS | st.lists(WRITTEN_TEXTS | st.none(), max_size=3) | JSON_VALUES
