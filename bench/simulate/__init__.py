"""Made-up electorates, the instruments that question them, and ways to spoil what comes back."""
