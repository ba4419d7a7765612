{# A moment as the time on the clock of a zone, without an offset. #}
{% macro in_zone(moment, zone) %}{{ return(adapter.dispatch('in_zone', 'bitrix24')(moment, zone)) }}{% endmacro %}

{% macro default__in_zone(moment, zone) %}{{ return(moment ~ " at time zone '" ~ zone ~ "'") }}{% endmacro %}

{% macro snowflake__in_zone(moment, zone) %}
    {{- return("cast(convert_timezone('" ~ zone ~ "', " ~ moment ~ ") as timestamp_ntz)") -}}
{% endmacro %}

{% macro bigquery__in_zone(moment, zone) %}{{ return('datetime(' ~ moment ~ ", '" ~ zone ~ "')") }}{% endmacro %}


{# The moment of a time on the clock of a zone. #}
{% macro moment_in(time, zone) %}{{ return(adapter.dispatch('moment_in', 'bitrix24')(time, zone)) }}{% endmacro %}

{% macro default__moment_in(time, zone) %}{{ return('(' ~ time ~ " at time zone '" ~ zone ~ "')") }}{% endmacro %}

{% macro snowflake__moment_in(time, zone) %}
    {{- return("cast(convert_timezone('" ~ zone ~ "', 'UTC', cast(" ~ time ~ " as timestamp_ntz)) || ' +0000' as timestamp_tz)") -}}
{% endmacro %}

{% macro bigquery__moment_in(time, zone) %}{{ return('timestamp(' ~ time ~ ", '" ~ zone ~ "')") }}{% endmacro %}


{# The moment of a column of times without an offset: the portal's time. #}
{% macro moment_without_offset(name) %}
    {%- set time = adapter.quote(name) -%}
    {#- PyAirbyte writes to PostgreSQL through pandas, which takes columns of such names for dates: the server's time -#}
    {%- if target.type == 'postgres' and modules.re.search('^timestamp|_time$|_at$|^modified$|^date$', name | lower) -%}
        {{- return(bitrix24.moment_in(time, run_query("select current_setting('TimeZone')").rows[0][0])) -}}
    {%- endif -%}
    {%- if var('bitrix24_portal_time_zone') -%}
        {{- return(bitrix24.moment_in(time, var('bitrix24_portal_time_zone'))) -}}
    {%- endif -%}
    {{- return(bitrix24.moment_in('(' ~ dbt.dateadd('minute', -bitrix24.portal_offset(), time) ~ ')', 'UTC')) -}}
{% endmacro %}


{# The portal's offset from UTC in minutes, from the marks in PyAirbyte's states; 0 without any. #}
{% macro portal_offset() %}
    {%- set place = source('bitrix24', '_airbyte_state') -%}
    {%- set states = adapter.get_relation(place.database, place.schema, place.identifier) -%}
    {%- if states is not none -%}
        {%- for row in run_query('select state_json from ' ~ states ~ ' order by last_updated desc').rows -%}
            {%- set offset = modules.re.search('T\d\d:\d\d:\d\d([+-])(\d\d):(\d\d)', row[0] | string) -%}
            {%- if offset -%}
                {%- set minutes = (offset.group(2) | int) * 60 + (offset.group(3) | int) -%}
                {{- return(-minutes if offset.group(1) == '-' else minutes) -}}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(0) -}}
{% endmacro %}


{# The seconds from one time to another, both in the zone bitrix24_time_zone, also where clocks were changed in between. #}
{% macro seconds_between(start, end) %}
    {%- set zone = var('bitrix24_time_zone') -%}
    {{- return(adapter.dispatch('seconds_from', 'bitrix24')(bitrix24.moment_in(start, zone), bitrix24.moment_in(end, zone))) -}}
{% endmacro %}

{% macro default__seconds_from(start, end) %}{{ return('cast(extract(epoch from ' ~ end ~ ' - ' ~ start ~ ') as bigint)') }}{% endmacro %}

{% macro snowflake__seconds_from(start, end) %}{{ return(dbt.datediff(start, end, 'second')) }}{% endmacro %}

{% macro bigquery__seconds_from(start, end) %}{{ return('timestamp_diff(' ~ end ~ ', ' ~ start ~ ', second)') }}{% endmacro %}


{% macro days_between(start, end) %}{{ return('round(cast(' ~ bitrix24.seconds_between(start, end) ~ ' as numeric(18, 0)) / 86400, 4)') }}{% endmacro %}

{# The first day of the month of a time. #}
{% macro month_of(time) %}{{ return('cast(' ~ dbt.date_trunc('month', time) ~ ' as date)') }}{% endmacro %}
