-- Revenue by product, in won deals
--
-- A product row that was removed from a deal stays in the warehouse, with an older date than the remaining rows. The query
-- counts only the newest rows of a deal.
WITH product_rows AS (
    SELECT * FROM deal_products
    QUALIFY date_modify = max(date_modify) OVER (PARTITION BY owner_id)
)
SELECT
    coalesce(products.name, product_rows.product_name) AS product,
    deals.currency_id AS currency,
    count(DISTINCT deals.id) AS deals,
    sum(product_rows.quantity)::DECIMAL(18, 2) AS quantity,
    sum(product_rows.price * product_rows.quantity)::DECIMAL(18, 2) AS revenue
FROM deals
JOIN product_rows ON product_rows.owner_id = deals.id
LEFT JOIN products ON products.id = product_rows.product_id
WHERE deals.stage_semantic_id = 'S'
GROUP BY ALL
ORDER BY revenue DESC, product, currency;
