"""Rounds by ruin and recreate, compiled: what stands near is torn out and put back better."""
