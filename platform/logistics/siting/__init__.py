"""Where hubs should stand: scenarios asked for, solved beside the pages, and kept."""
