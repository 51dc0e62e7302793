-- After an outage: until when Ella had heard nobody, as an invitation says that was
-- sent before and may have been answered meanwhile. Below 0: it is about to say so.
-- 0: it says nothing of the kind.
ALTER TABLE deliveries ADD COLUMN away_at BIGINT NOT NULL DEFAULT 0;
-- The same of a card of an action's own. What replaces it says nothing of it any more.
ALTER TABLE outbox ADD COLUMN away_at BIGINT NOT NULL DEFAULT 0;
