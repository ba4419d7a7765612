{{ config(enabled=bitrix24.has_tables('deals', 'deal_stage_history', 'deal_pipelines', 'deal_pipeline_stages')) }}
with visits as (
    select pipeline_id, {{ bitrix24.month_of('entered_at') }} as entry_month, reached_number
    from {{ ref('int_bitrix24__pipeline_visits') }}
),

reached as (
    select
        visits.entry_month,
        stages.pipeline_id,
        stages.pipeline,
        stages.stage_id,
        stages.stage,
        stages.stage_number,
        count(*) as entered_deals,
        {{ bitrix24.count_if("visits.reached_number >= stages.stage_number") }} as deals
    from visits
    inner join {{ ref('int_bitrix24__stages') }} as stages on stages.pipeline_id = visits.pipeline_id
    where stages.stage_number is not null
    group by visits.entry_month, stages.pipeline_id, stages.pipeline, stages.stage_id, stages.stage, stages.stage_number
)

select
    entry_month,
    pipeline_id,
    pipeline,
    stage_id,
    stage,
    stage_number,
    entered_deals,
    deals,
    {{ bitrix24.share('deals', 'entered_deals') }} as share_of_entered,
    {{ bitrix24.share('deals', 'lag(deals) over (partition by entry_month, pipeline_id order by stage_number)') }} as share_of_previous
from reached
