"""The function shop-orders."""
