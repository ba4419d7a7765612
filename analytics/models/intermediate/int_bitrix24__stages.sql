-- Stages of deals with their pipelines. stage_number: 1 for the first; null where a deal is lost
with stages as (
    select
        id,
        coalesce(category_id, 0) as pipeline_id,
        status_id as stage_id,
        name as stage,
        sort,
        coalesce(semantics, 'P') as semantics
    from {{ ref('stg_bitrix24__deal_pipeline_stages') }}
)

select
    stages.pipeline_id,
    pipelines.name as pipeline,
    stages.stage_id,
    stages.stage,
    stages.semantics,
    case
        when stages.semantics <> 'F'
            then row_number() over (
                partition by stages.pipeline_id, case when stages.semantics = 'F' then 1 else 0 end
                order by stages.sort, stages.id
            )
    end as stage_number
from stages
left join {{ ref('stg_bitrix24__deal_pipelines') }} as pipelines on pipelines.id = stages.pipeline_id
