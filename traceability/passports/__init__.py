"""What is said of a lot in public: its facts, its claims, and the passports that are issued."""
