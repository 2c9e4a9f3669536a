"""Price formulas, index prices and the days that count: parsed, checked, never run as code."""
