{{ config(enabled=bitrix24.has_tables('deals', 'deal_stage_history', 'deal_pipelines', 'deal_pipeline_stages')) }}
with deals as (
    select
        deals.*,
        coalesce(cast(deals.probability as numeric(18, 4)) / 100, win_rates.win_rate) as chance
    from {{ ref('bitrix24__deals') }} as deals
    left join {{ ref('int_bitrix24__win_rates') }} as win_rates on win_rates.stage_id = deals.stage_id
    where deals.status = 'open'
)

select
    pipeline_id,
    pipeline,
    stage_id,
    stage,
    responsible_id,
    responsible,
    cast({{ dbt.date_trunc('month', 'expected_close_on') }} as date) as expected_month,
    count(*) as deals,
    sum(converted_amount) as amount,
    sum(cast(converted_amount * cast(chance as numeric(9, 4)) as numeric(28, 2))) as weighted_amount,
    {{ bitrix24.count_if("probability is null") }} as deals_without_probability
from deals
group by pipeline_id, pipeline, stage_id, stage, responsible_id, responsible, {{ dbt.date_trunc('month', 'expected_close_on') }}
