{{ config(enabled=bitrix24.has_tables('deals', 'deal_stage_history', 'deal_pipelines', 'deal_pipeline_stages')) }}
with moves as (
    select
        history.id,
        history.owner_id,
        history.category_id,
        history.stage_id,
        history.created_time as entered_at,
        lead(history.created_time) over (partition by history.owner_id order by history.created_time, history.id) as left_at
    from {{ ref('stg_bitrix24__deal_stage_history') }} as history
    inner join {{ ref('stg_bitrix24__deals') }} as deals on deals.id = history.owner_id
)

select
    moves.id as stay_id,
    moves.owner_id as deal_id,
    moves.category_id as pipeline_id,
    pipelines.name as pipeline,
    moves.stage_id,
    coalesce(stages.stage, moves.stage_id) as stage,
    stages.stage_number,
    moves.entered_at,
    moves.left_at,
    {{ bitrix24.days_between('moves.entered_at', 'moves.left_at') }} as days
from moves
left join {{ ref('stg_bitrix24__deal_pipelines') }} as pipelines on pipelines.id = moves.category_id
left join {{ ref('int_bitrix24__stages') }} as stages on stages.stage_id = moves.stage_id and stages.pipeline_id = moves.category_id
