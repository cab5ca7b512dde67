"""The invented institute of `isthmus demo`: its texts and pictures as files in content/, and what loads them."""
