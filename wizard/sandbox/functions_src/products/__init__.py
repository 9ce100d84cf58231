"""The function shop-products."""
