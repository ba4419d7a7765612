{{ config(enabled=bitrix24.has_tables('deals', 'deal_pipelines', 'deal_pipeline_stages')) }}
-- The won amounts by month, manager and source add up to those of the deals
with deals as (
    select count(*) as deals, sum(coalesce(converted_amount, 0)) as amount
    from {{ ref('bitrix24__deals') }}
    where status = 'won'
),

groups as (
    select sum(won_deals) as deals, sum(won_amount) as amount
    from {{ ref('bitrix24__won_lost') }}
)

select *
from deals
cross join groups
where deals.deals <> coalesce(groups.deals, 0) or deals.amount <> groups.amount
