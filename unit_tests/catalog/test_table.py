from source_bitrix24.catalog.table import CustomFieldValues, PerParent, Scanned
from source_bitrix24.portal.dialect import ITEMS
from source_bitrix24.portal.keyset import Listing


def test_a_scanned_table_lists_its_rows_with_its_own_columns_and_parameters() -> None:
    table = Scanned("history", "crm.stagehistory.list", select=("*",), params={"entityTypeId": 2}, dialect=ITEMS)
    assert table.listing == Listing("crm.stagehistory.list", ("*",), params={"entityTypeId": 2}, dialect=ITEMS)


def test_a_table_of_custom_field_values_lists_only_what_it_needs() -> None:
    table = CustomFieldValues("values", "crm.deal.list", "DATE_MODIFY", fields_of="deal")
    assert table.listing == Listing("crm.deal.list", ("ID", "DATE_CREATE", "DATE_MODIFY", "UF_*"))
    assert table.key == ("ID", "FIELD_NAME")


def test_a_table_per_parent_lists_the_parents_by_their_cursor() -> None:
    table = PerParent(
        "rows", "crm.deal.productrows.get", "DATE_MODIFY", parent_list="crm.deal.list", parent_key="OWNER_ID"
    )
    assert table.parents == Listing("crm.deal.list", ("ID", "DATE_CREATE", "DATE_MODIFY"))
