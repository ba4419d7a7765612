{{ config(enabled=bitrix24.has_tables('activities')) }}
with activities as (
    select
        {{ bitrix24.month_of('created') }} as month,
        responsible_id,
        case
            when type_id = 1 then 'Meeting'
            when type_id = 2 then 'Call'
            when type_id = 3 then 'Task'
            when type_id = 4 then 'E-mail'
            when provider_id = 'CRM_TODO' then 'To-do'
            else coalesce(provider_id, 'Other')
        end as kind,
        direction,
        completed
    from {{ ref('stg_bitrix24__activities') }}
)

select
    activities.month,
    activities.responsible_id,
    {{ bitrix24.user_name('people.user_name', 'activities.responsible_id') }} as responsible,
    people.department,
    activities.kind,
    count(*) as activities,
    {{ bitrix24.count_if("activities.completed") }} as completed,
    {{ bitrix24.count_if("activities.direction = 1") }} as incoming,
    {{ bitrix24.count_if("activities.direction = 2") }} as outgoing
from activities
left join {{ ref('int_bitrix24__people') }} as people on people.user_id = activities.responsible_id
group by activities.month, activities.responsible_id, people.user_name, people.department, activities.kind
