{{ config(enabled=bitrix24.has_tables('deals', 'deal_pipelines', 'deal_pipeline_stages')) }}
with moves as (
    select owner_id, stage_semantic_id, max(created_time) as moved_at
    from {{ ref('stg_bitrix24__deal_stage_history') }}
    group by owner_id, stage_semantic_id
),

deals as (
    select
        deals.*,
        case deals.stage_semantic_id when 'S' then 'won' when 'F' then 'lost' else 'open' end as status,
        case when deals.stage_semantic_id in ('S', 'F') then coalesce(moves.moved_at, deals.moved_time) end as closed_at
    from {{ ref('stg_bitrix24__deals') }} as deals
    left join moves on moves.owner_id = deals.id and moves.stage_semantic_id = deals.stage_semantic_id
)

select
    deals.id as deal_id,
    deals.title,
    deals.status,
    deals.category_id as pipeline_id,
    pipelines.name as pipeline,
    deals.stage_id,
    stages.stage,
    deals.assigned_by_id as responsible_id,
    {{ bitrix24.user_name('people.user_name', 'deals.assigned_by_id') }} as responsible,
    people.department,
    deals.company_id,
    companies.title as company,
    deals.contact_id,
    {{ bitrix24.words('contacts.name', 'contacts.last_name') }} as contact,
    deals.source_id,
    coalesce(sources.name, deals.source_id) as source,
    deals.utm_source,
    deals.utm_medium,
    deals.utm_campaign,
    deals.opportunity as amount,
    deals.currency_id as currency,
    {{ bitrix24.converted('deals.opportunity', 'rates.rate') }} as converted_amount,
    rates.target_currency as converted_currency,
    deals.probability,
    deals.date_create as created_at,
    {{ bitrix24.month_of('deals.date_create') }} as created_month,
    deals.closed_at,
    {{ bitrix24.month_of('deals.closed_at') }} as closed_month,
    {{ bitrix24.days_between('deals.date_create', 'deals.closed_at') }} as days_to_close,
    deals.closedate as expected_close_on
from deals
left join {{ ref('stg_bitrix24__deal_pipelines') }} as pipelines on pipelines.id = deals.category_id
left join {{ ref('int_bitrix24__stages') }} as stages on stages.stage_id = deals.stage_id and stages.pipeline_id = deals.category_id
left join {{ ref('int_bitrix24__people') }} as people on people.user_id = deals.assigned_by_id
left join {{ ref('stg_bitrix24__companies') }} as companies on companies.id = deals.company_id
left join {{ ref('stg_bitrix24__contacts') }} as contacts on contacts.id = deals.contact_id
left join {{ ref('stg_bitrix24__statuses') }} as sources on sources.entity_id = 'SOURCE' and sources.status_id = deals.source_id
left join {{ ref('int_bitrix24__rates') }} as rates on rates.currency = deals.currency_id
