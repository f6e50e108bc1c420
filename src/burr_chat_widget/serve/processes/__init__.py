"""What processes that share a store do together: one turn at a time in a conversation, followed and stopped from any of them."""
