"""What sets the machine up, and what operators are given. No part of the product imports it."""
