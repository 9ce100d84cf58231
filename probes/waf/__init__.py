"""AWS WAF in front of the stage."""
