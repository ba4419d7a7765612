{{ config(enabled=bitrix24.has_tables('smart_invoices', 'statuses')) }}
with invoices as (
    select
        invoices.*,
        stages.name as stage,
        case stages.semantics when 'S' then 'paid' when 'F' then 'cancelled' else 'due' end as status
    from {{ ref('stg_bitrix24__smart_invoices') }} as invoices
    left join {{ ref('stg_bitrix24__statuses') }} as stages
        on stages.status_id = invoices.stage_id and stages.entity_id like 'SMART_INVOICE_STAGE%'
)

select
    invoices.id as invoice_id,
    invoices.account_number as number,
    invoices.title,
    invoices.status,
    invoices.stage_id,
    invoices.stage,
    invoices.parent_id_2 as deal_id,
    invoices.company_id,
    companies.title as company,
    invoices.contact_id,
    invoices.assigned_by_id as responsible_id,
    {{ bitrix24.user_name('people.user_name', 'invoices.assigned_by_id') }} as responsible,
    invoices.opportunity as amount,
    invoices.currency_id as currency,
    {{ bitrix24.converted('invoices.opportunity', 'rates.rate') }} as converted_amount,
    invoices.created_time as created_at,
    invoices.begindate as issued_on,
    invoices.closedate as due_on,
    case when invoices.status = 'paid' then invoices.moved_time end as paid_at,
    case when invoices.status = 'paid' then cast(invoices.moved_time as date) > invoices.closedate end as is_paid_late
from invoices
left join {{ ref('stg_bitrix24__companies') }} as companies on companies.id = invoices.company_id
left join {{ ref('int_bitrix24__people') }} as people on people.user_id = invoices.assigned_by_id
left join {{ ref('int_bitrix24__rates') }} as rates on rates.currency = invoices.currency_id
