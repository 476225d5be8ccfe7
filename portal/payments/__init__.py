"""What payments do: a click becomes a checkout, what Stripe says becomes entries, plans are agreed and charged."""
