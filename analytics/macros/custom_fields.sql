{#
    {column: name} of a table's custom fields: `uf_crm_1713790573` is `contract_type` where the portal shows "Contract type".

    A name has the label's letters, of any alphabet, in lower case, and one underscore between words; labels that differ only in
    case or in spaces give the same name. Where a name is taken, by another column or by an older field, the field's code follows
    it. A name has at most 53 bytes, so that PostgreSQL's 63 hold it with `_currency` behind it.
#}
{% macro custom_field_names(definitions, found, columns) %}
    {%- set labels = bitrix24.custom_field_labels(definitions) -%}
    {%- set fields = {} -%}
    {%- for code in labels if code in found -%}
        {%- set endings = [''] -%}
        {%- for ending in ('_label', '_amount', '_currency') if code ~ ending in found and code ~ ending not in labels -%}
            {%- do endings.append(ending) -%}
        {%- endfor -%}
        {%- do fields.update({code: endings}) -%}
    {%- endfor -%}
    {%- set taken = {} -%}
    {%- for name in (columns | list) + (found | list) -%}
        {%- do taken.update({name: true}) -%}
    {%- endfor -%}
    {%- set names = {} -%}
    {%- for code, endings in fields.items() -%}
        {%- set word = bitrix24.name_of_label(labels[code]) -%}
        {%- set number = code | replace('uf_crm_', '', 1) -%}
        {%- set start = bitrix24.cut(word, 52 - (number | length)) -%}
        {%- set chosen = [] -%}
        {%- for name in ([word, start ~ '_' ~ number] if word else []) + [code] if not chosen -%}
            {%- set clashes = [] -%}
            {%- for ending in endings if name != code and name ~ ending in taken -%}
                {%- do clashes.append(ending) -%}
            {%- endfor -%}
            {%- if not clashes -%}
                {%- do chosen.append(name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- for ending in endings -%}
            {%- do names.update({code ~ ending: chosen[0] ~ ending}) -%}
            {%- do taken.update({chosen[0] ~ ending: true}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(names) -}}
{% endmacro %}


{# {column: label} of all custom fields of an object, the oldest field first. #}
{% macro custom_field_labels(definitions) %}
    {%- set found = bitrix24.columns_of(definitions) -%}
    {%- set labels = {} -%}
    {%- if found -%}
        {#- with a sign in front, dbt does not take labels for numbers -#}
        {%- set label = [] -%}
        {%- for name in ('edit_form_label', 'list_column_label', 'list_filter_label') if name in found -%}
            {%- do label.append(adapter.quote(found[name].name)) -%}
        {%- endfor -%}
        {%- set query -%}
            select {{ adapter.quote(found['field_name'].name) }}, {{ dbt.concat(["'='", 'coalesce(' ~ (label + ["''"]) | join(', ') ~ ')']) }}
            from {{ source('bitrix24', definitions) }} order by {{ adapter.quote(found['id'].name) }}
        {%- endset -%}
        {%- for row in run_query(query).rows -%}
            {%- set code = row[0] | lower -%}
            {#- PyAirbyte cuts longer names of columns in PostgreSQL -#}
            {%- do labels.update({code[:63] if target.type == 'postgres' else code: row[1][1:]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(labels) -}}
{% endmacro %}


{% macro name_of_label(label) %}
    {#- white space, punctuation and symbols; marks that belong to letters, such as vowel signs, are none of these -#}
    {%- set between = '[\s\\x00-/:-@\[-`{-¿×÷\u2000-\u2bff\u2e00-\u2e7f\u3000-\u303f\ufe10-\ufe6f\uff01-\uff0f\uff1a-\uff20\U0001f000-\U0001faff]+' -%}
    {{- return(bitrix24.cut(modules.re.sub(between, '_', label.casefold()), 53)) -}}
{% endmacro %}


{% macro cut(name, bytes) %}
    {{- return(name.encode('utf-8')[:[bytes, 0] | max].decode('utf-8', 'ignore').strip('_')) -}}
{% endmacro %}
