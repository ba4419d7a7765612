{#
    One table of the connector as people read it: living rows; the columns in `columns` first; labels beside codes; times in
    the zone bitrix24_time_zone; custom fields under the names that they have in the portal, from the table `definitions`.

    `columns`: {name: kind}, where kind is integer, number, text, boolean, date, time or json. A column that is not there is
    null. All others of the table follow. Without the table, the view has these columns and no rows.
#}
{% macro staging(table, columns, definitions=none) %}
    {%- set found = bitrix24.columns_of(table) -%}
    {%- set names = bitrix24.custom_field_names(definitions, found, columns) if definitions else {} -%}
    {%- set left_out = ['_airbyte_raw_id', '_airbyte_meta', '_airbyte_generation_id', '_ab_cdc_deleted_at'] -%}
    {%- set last = ['untyped_values', '_airbyte_extracted_at'] -%}
    {%- set standard = found | reject('in', (names | list) + last) | list -%}
    {%- set order = [] -%}
    {%- for name in (columns | list) + standard + (names | list) + last -%}
        {%- for one in (name, name ~ '_label', name ~ '_amount', name ~ '_currency') -%}
            {%- if (one in columns or one in found) and one not in order + left_out -%}
                {%- do order.append(one) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
select
    {%- for name in order %}
    {% if name in found -%}
        {{ bitrix24.shown(found[name]) }} as {{ bitrix24.column_name(names.get(name, name)) }}
    {%- else -%}
        cast(null as {{ bitrix24.type_of(columns[name]) }}) as {{ bitrix24.column_name(name) }}
    {%- endif -%}
        {{ ',' if not loop.last }}
    {%- endfor %}
{% if found -%}
from {{ source('bitrix24', table) }}
    {%- if '_ab_cdc_deleted_at' in found %}
where {{ adapter.quote(found['_ab_cdc_deleted_at'].name) }} is null
    {%- endif -%}
{% else -%}
from (select 1 as one) as nothing  -- there is no table {{ source('bitrix24', table).identifier }}
where one = 0
{%- endif -%}
{% endmacro %}


{% macro shown(column) %}
    {%- set name = adapter.quote(column.name) -%}
    {%- set type = column.data_type | lower -%}
    {%- if 'timestamp' not in type and 'datetime' not in type or column.name | lower == '_airbyte_extracted_at' -%}
        {{ name }}
    {%- elif 'with time zone' in type or 'tz' in type or target.type == 'bigquery' and type == 'timestamp' -%}
        {{ bitrix24.in_zone(name, var('bitrix24_time_zone')) }}
    {%- else -%}
        {{ bitrix24.in_zone(bitrix24.moment_without_offset(column.name), var('bitrix24_time_zone')) }}
    {%- endif -%}
{% endmacro %}


{% macro type_of(kind) %}
    {{- return({
        'integer': dbt.type_bigint(), 'number': dbt.type_numeric(), 'boolean': dbt.type_boolean(), 'date': 'date',
        'time': dbt.type_timestamp(), 'text': dbt.type_string(), 'json': dbt.type_string(),
    }[kind]) -}}
{% endmacro %}


{# A name of a column, quoted, so that it may be a reserved word or have any letters; written without quotes it is the same. #}
{% macro column_name(name) %}{{ return(adapter.dispatch('column_name', 'bitrix24')(name)) }}{% endmacro %}

{% macro default__column_name(name) %}{{ return(adapter.quote(name)) }}{% endmacro %}

{% macro snowflake__column_name(name) %}{{ return(adapter.quote(name | upper)) }}{% endmacro %}
