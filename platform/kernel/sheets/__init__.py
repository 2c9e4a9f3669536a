"""Files of tables from outside: their cells read strictly, and each mistake named by its cell."""
