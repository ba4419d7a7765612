{{ config(enabled=bitrix24.has_tables('deals', 'deal_pipelines', 'deal_pipeline_stages')) }}
select
    closed_month,
    pipeline_id,
    pipeline,
    responsible_id,
    responsible,
    department,
    source_id,
    source,
    utm_source,
    utm_medium,
    utm_campaign,
    {{ bitrix24.count_if("status = 'won'") }} as won_deals,
    {{ bitrix24.count_if("status = 'lost'") }} as lost_deals,
    sum(case when status = 'won' then coalesce(converted_amount, 0) else 0 end) as won_amount,
    sum(case when status = 'lost' then coalesce(converted_amount, 0) else 0 end) as lost_amount
from {{ ref('bitrix24__deals') }}
where status in ('won', 'lost')
group by
    closed_month, pipeline_id, pipeline, responsible_id, responsible, department, source_id, source,
    utm_source, utm_medium, utm_campaign
