"""Problems as other programs and the benchmark collections write them."""
