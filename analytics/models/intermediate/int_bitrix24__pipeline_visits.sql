{{ config(enabled=bitrix24.has_tables('deals', 'deal_stage_history', 'deal_pipelines', 'deal_pipeline_stages')) }}
-- One row for each pipeline that a deal has been in: when it entered, and the furthest stage that it reached there
with deals as (
    select id, category_id, stage_id, stage_semantic_id, date_create
    from {{ ref('stg_bitrix24__deals') }}
),

stops as (
    select owner_id as deal_id, category_id as pipeline_id, stage_id, created_time as entered_at
    from {{ ref('stg_bitrix24__deal_stage_history') }}

    union all

    select id, category_id, stage_id, null
    from deals
)

select
    stops.deal_id,
    stops.pipeline_id,
    coalesce(min(stops.entered_at), min(deals.date_create)) as entered_at,
    coalesce(max(stages.stage_number), 0) as reached_number,
    max(case when deals.category_id = stops.pipeline_id then deals.stage_semantic_id end) as stage_semantic_id
from stops
inner join deals on deals.id = stops.deal_id
left join {{ ref('int_bitrix24__stages') }} as stages on stages.stage_id = stops.stage_id and stages.pipeline_id = stops.pipeline_id
group by stops.deal_id, stops.pipeline_id
