{{ config(enabled=bitrix24.has_tables('leads', 'activities')) }}
with links as (
    select id as activity_id, owner_id as lead_id
    from {{ ref('stg_bitrix24__activities') }}
    where owner_type_id = 1

    union

    select activity_id, owner_id
    from {{ ref('stg_bitrix24__activity_bindings') }}
    where owner_type_id = 1
),

first_activities as (
    select leads.id as lead_id, min(activities.created) as first_activity_at
    from {{ ref('stg_bitrix24__leads') }} as leads
    inner join links on links.lead_id = leads.id
    inner join {{ ref('stg_bitrix24__activities') }} as activities
        on activities.id = links.activity_id and activities.created >= leads.date_create
    group by leads.id
),

deals as (
    select
        lead_id,
        count(*) as deals,
        {{ bitrix24.count_if("stage_semantic_id = 'S'") }} as won_deals
    from {{ ref('stg_bitrix24__deals') }}
    where lead_id is not null
    group by lead_id
)

select
    leads.id as lead_id,
    leads.title,
    case leads.status_semantic_id when 'S' then 'converted' when 'F' then 'junk' else 'open' end as outcome,
    leads.status_id,
    coalesce(statuses.name, leads.status_id) as status,
    leads.source_id,
    coalesce(sources.name, leads.source_id) as source,
    leads.assigned_by_id as responsible_id,
    {{ bitrix24.user_name('people.user_name', 'leads.assigned_by_id') }} as responsible,
    people.department,
    leads.utm_source,
    leads.utm_medium,
    leads.utm_campaign,
    leads.date_create as created_at,
    {{ bitrix24.month_of('leads.date_create') }} as created_month,
    first_activities.first_activity_at,
    round({{ bitrix24.days_between('leads.date_create', 'first_activities.first_activity_at') }} * 24, 2) as hours_to_first_activity,
    leads.date_closed as closed_at,
    {{ bitrix24.days_between('leads.date_create', 'leads.date_closed') }} as days_to_close,
    coalesce(deals.deals, 0) as deals,
    coalesce(deals.won_deals, 0) as won_deals
from {{ ref('stg_bitrix24__leads') }} as leads
left join first_activities on first_activities.lead_id = leads.id
left join deals on deals.lead_id = leads.id
left join {{ ref('int_bitrix24__people') }} as people on people.user_id = leads.assigned_by_id
left join {{ ref('stg_bitrix24__statuses') }} as statuses
    on statuses.entity_id = 'STATUS' and statuses.status_id = leads.status_id
left join {{ ref('stg_bitrix24__statuses') }} as sources
    on sources.entity_id = 'SOURCE' and sources.status_id = leads.source_id
