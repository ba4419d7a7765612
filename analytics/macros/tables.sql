{# Whether all these tables of the connector are there, as the variable bitrix24_tables says. #}
{% macro has_tables() %}
    {%- set there = var('bitrix24_tables') or varargs -%}
    {{- return(varargs | reject('in', there) | list | length == 0) -}}
{% endmacro %}


{# The columns of a table of the connector by their lower-case names; empty if the table is not there. #}
{% macro columns_of(table) %}
    {%- set columns = {} -%}
    {%- if execute -%}
        {%- set place = source('bitrix24', table) -%}
        {%- set relation = adapter.get_relation(place.database, place.schema, place.identifier) -%}
        {%- if relation is not none -%}
            {%- for column in adapter.get_columns_in_relation(relation) -%}
                {%- do columns.update({column.name | lower: column}) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
    {{- return(columns) -}}
{% endmacro %}
