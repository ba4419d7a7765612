-- Revenue by product, in won deals
--
-- A row that is gone from the portal leaves the warehouse with the next sync. Where a destination keeps its last record
-- instead, with _ab_cdc_deleted_at filled, the query leaves it out.
WITH living_rows AS (
    SELECT * FROM deal_products WHERE _ab_cdc_deleted_at IS NULL
)
SELECT
    coalesce(products.name, living_rows.product_name) AS product,
    deals.currency_id AS currency,
    count(DISTINCT deals.id) AS deals,
    sum(living_rows.quantity)::DECIMAL(18, 2) AS quantity,
    sum(living_rows.price * living_rows.quantity)::DECIMAL(18, 2) AS revenue
FROM deals
JOIN living_rows ON living_rows.owner_id = deals.id
LEFT JOIN products ON products.id = living_rows.product_id
WHERE deals.stage_semantic_id = 'S'
GROUP BY ALL
ORDER BY revenue DESC, product, currency;
