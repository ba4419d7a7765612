-- What one unit of a currency is worth in the currency of reports, at the rates in the portal's settings
{% set chosen = var('bitrix24_currency') %}
with currencies as (
    select currency, base, amount / amount_cnt as in_base
    from {{ ref('stg_bitrix24__currencies') }}
),

target as (
    select currency, in_base
    from currencies
    where {% if chosen %}currency = '{{ chosen }}'{% else %}base{% endif %}
)

select
    currencies.currency,
    target.currency as target_currency,
    cast(currencies.in_base / target.in_base as numeric(20, 12)) as rate
from currencies
cross join target
{%- if chosen %}

union all

select '{{ chosen }}', '{{ chosen }}', cast(1 as numeric(20, 12))
from (select count(*) as known from target) as targets
where known = 0
{%- endif %}
