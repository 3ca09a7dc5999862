"""Reports of visits and progress over them."""
