import pytest

from source_bitrix24.portal.names import camel_name, upper_name

PAIRS = (("id", "ID"), ("stageId", "STAGE_ID"), ("ufCrmTask", "UF_CRM_TASK"), ("closedate", "CLOSEDATE"))


@pytest.mark.parametrize(("sent", "column"), PAIRS)
def test_a_name_in_camel_case_and_its_column(sent: str, column: str) -> None:
    assert upper_name(sent) == column
    assert camel_name(column) == sent


@pytest.mark.parametrize(("sent", "column"), [("parentId2", "PARENT_ID2"), ("STAGE_ID", "STAGE_ID"), ("UF_A", "UF_A")])
def test_names_that_are_no_plain_camel_case_have_capitals_too(sent: str, column: str) -> None:
    assert upper_name(sent) == column
