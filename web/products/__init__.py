"""What is sold, as staff find and change it."""
