"""How offers are decided: pure rules, the batch that applies them under a lock, the queue."""
