{{ config(enabled=bitrix24.has_tables('deals', 'deal_stage_history', 'deal_pipelines', 'deal_pipeline_stages')) }}
-- The share of closed deals that were won, of those that had reached a stage
select
    stages.stage_id,
    {{ bitrix24.share(bitrix24.count_if("visits.stage_semantic_id = 'S'"), 'count(*)') }} as win_rate
from {{ ref('int_bitrix24__stages') }} as stages
inner join {{ ref('int_bitrix24__pipeline_visits') }} as visits
    on visits.pipeline_id = stages.pipeline_id and visits.reached_number >= stages.stage_number
where visits.stage_semantic_id in ('S', 'F')
group by stages.stage_id
