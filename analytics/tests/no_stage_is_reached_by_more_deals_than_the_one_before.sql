{{ config(enabled=bitrix24.has_tables('deals', 'deal_stage_history', 'deal_pipelines', 'deal_pipeline_stages')) }}
select *
from {{ ref('bitrix24__funnel') }}
where share_of_previous > 1 or deals > entered_deals
