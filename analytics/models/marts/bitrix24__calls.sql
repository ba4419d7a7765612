{{ config(enabled=bitrix24.has_tables('calls')) }}
with calls as (
    select
        {{ bitrix24.month_of('call_start_date') }} as month,
        portal_user_id,
        case when call_type in (1, 4) then 'outgoing' when call_type in (2, 3) then 'incoming' else 'other' end as direction,
        coalesce(call_failed_code, '200') in ('200', '200.0') as is_answered,  -- PyAirbyte may make a number of it
        coalesce(call_duration, 0) as seconds,
        cost,
        cost_currency
    from {{ ref('stg_bitrix24__calls') }}
)

select
    calls.month,
    calls.portal_user_id as user_id,
    {{ bitrix24.user_name('people.user_name', 'calls.portal_user_id') }} as user_name,
    people.department,
    calls.direction,
    count(*) as calls,
    {{ bitrix24.count_if("calls.is_answered") }} as answered,
    sum(case when calls.is_answered then calls.seconds else 0 end) as talk_seconds,
    sum({{ bitrix24.converted('calls.cost', 'rates.rate') }}) as cost
from calls
left join {{ ref('int_bitrix24__people') }} as people on people.user_id = calls.portal_user_id
left join {{ ref('int_bitrix24__rates') }} as rates on rates.currency = calls.cost_currency
group by calls.month, calls.portal_user_id, people.user_name, people.department, calls.direction
