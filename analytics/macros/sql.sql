{# The median of a number in a group. #}
{% macro median(number) %}{{ return(adapter.dispatch('median', 'bitrix24')(number)) }}{% endmacro %}

{% macro default__median(number) %}{{ return('median(' ~ number ~ ')') }}{% endmacro %}

{% macro postgres__median(number) %}{{ return('percentile_cont(0.5) within group (order by ' ~ number ~ ')') }}{% endmacro %}

{% macro bigquery__median(number) %}{{ return('approx_quantiles(' ~ number ~ ', 2)[offset(1)]') }}{% endmacro %}


{# The first number in a column that holds a JSON list of numbers. #}
{% macro first_number(column) %}
    {{- return('cast(' ~ adapter.dispatch('first_text', 'bitrix24')(column) ~ ' as ' ~ dbt.type_bigint() ~ ')') -}}
{% endmacro %}

{% macro default__first_text(column) %}{{ return('(cast(' ~ column ~ ' as json) ->> 0)') }}{% endmacro %}

{% macro snowflake__first_text(column) %}{{ return('try_parse_json(to_varchar(' ~ column ~ '))[0]::varchar') }}{% endmacro %}

{% macro bigquery__first_text(column) %}{{ return("json_value(to_json_string(" ~ column ~ "), '$[0]')") }}{% endmacro %}

{% macro redshift__first_text(column) %}{{ return('json_extract_array_element_text(' ~ column ~ ', 0)') }}{% endmacro %}


{# An amount in the currency of reports, rounded to cents; null without a rate. #}
{% macro converted(amount, rate) %}{{ return('cast(' ~ amount ~ ' * ' ~ rate ~ ' as numeric(28, 2))') }}{% endmacro %}

{# A part of a whole from 0 to 1; null of nothing. #}
{% macro share(part, whole) %}{{ return('round(cast(' ~ part ~ ' as numeric(28, 6)) / nullif(' ~ whole ~ ', 0), 4)') }}{% endmacro %}

{# The name of a user; the user's number, if the table of users is not there. #}
{% macro user_name(name, id) %}
    {{- return('coalesce(' ~ name ~ ', ' ~ dbt.concat(["'User '", 'cast(' ~ id ~ ' as ' ~ dbt.type_string() ~ ')']) ~ ')') -}}
{% endmacro %}

{# Filled texts with a space between them; null without any. #}
{% macro words() %}
    {%- set parts = [] -%}
    {%- for text in varargs -%}
        {%- do parts.append("coalesce(" ~ text ~ ", '')") -%}
        {%- do parts.append("' '") -%}
    {%- endfor -%}
    {{- return("nullif(replace(trim(" ~ dbt.concat(parts) ~ "), '  ', ' '), '')") -}}
{% endmacro %}

{# The number of rows in a group for which a condition holds. #}
{% macro count_if(condition) %}
    {{- return('cast(sum(case when ' ~ condition ~ ' then 1 else 0 end) as ' ~ dbt.type_bigint() ~ ')') -}}
{% endmacro %}
