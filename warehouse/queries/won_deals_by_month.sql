-- Won deals by month: number and amount
--
-- The month is that of the deal's last move to a won stage, in the portal's time zone.
WITH won AS (
    SELECT owner_id, max(created_time) AS won_at
    FROM deal_stage_history
    WHERE stage_semantic_id = 'S'
    GROUP BY owner_id
)
SELECT
    strftime(won.won_at, '%Y-%m') AS month,
    deals.currency_id AS currency,
    count(*) AS deals,
    sum(deals.opportunity)::DECIMAL(18, 2) AS amount
FROM deals
JOIN won ON won.owner_id = deals.id
WHERE deals.stage_semantic_id = 'S'  -- still won
GROUP BY ALL
ORDER BY month DESC, currency;
