-- +goose Up

-- only sqlite
-- The words of the search index (sqlite.spell); it takes no room.
create virtual table lead_search_words using fts5vocab (lead_search, 'instance');
-- both
