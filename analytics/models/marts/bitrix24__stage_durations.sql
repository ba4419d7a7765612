{{ config(enabled=bitrix24.has_tables('deals', 'deal_stage_history', 'deal_pipelines', 'deal_pipeline_stages')) }}
select
    pipeline_id,
    pipeline,
    stage_id,
    stage,
    stage_number,
    count(*) as stays,
    round(cast(avg(days) as numeric(18, 6)), 4) as average_days,
    round(cast({{ bitrix24.median('days') }} as numeric(18, 6)), 4) as median_days
from {{ ref('bitrix24__deal_stays') }}
where left_at is not null
group by pipeline_id, pipeline, stage_id, stage, stage_number
